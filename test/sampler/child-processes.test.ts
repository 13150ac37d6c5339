/** Which child a pipe is of, asked of Node's own objects. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { childOn, childProcesses } from '../../src/sampler/async/child-processes.js'

const handleOf = (stream: object): object => Reflect.get(stream, '_handle')

test('pipes are a child’s that was begun meanwhile, also when nobody listens any more', async () => {
  childProcesses.enable()
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  childProcesses.disable()
  const other = spawn(process.execPath, ['-e', ''])
  expect(childOn(handleOf(child.stdout))).toBe('child process node')
  expect(childOn(handleOf(other.stdout))).toBe('')
  child.kill()
  await Promise.all([once(child, 'close'), once(other, 'close')])
})

test('a child that has ended is not kept', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const begin = async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'close')
    return new WeakRef(child)
  }
  childProcesses.enable()
  const child = await begin()
  childProcesses.disable()
  for (let i = 0; i < 50 && child.deref() !== undefined; i++) {
    await sleep(10)
    collect()
  }
  expect(child.deref()).toBe(undefined)
})
