/** Which process it is: numbers come again, and in containers each is number 1. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { hasEnded, isThere, ownIdentity } from '../../src/store/process-identity.js'

const own = ownIdentity()

test('one that runs has not ended, of another machine nobody knows', () => {
  expect(hasEnded(own)).toBe(false)
  expect(hasEnded({ ...own, machine: 'another' })).toBe(null)
})

test.skipIf(process.platform !== 'linux')('one whose number another one has got has ended', () => {
  expect(hasEnded({ ...own, startedAt: '1' })).toBe(true)
})

test.skipIf(process.platform === 'win32')('one that is killed has ended at once', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  expect(isThere(child.pid!)).toBe(true)
  child.kill('SIGKILL')
  // Nobody asks how it ended while this thread is busy.
  if (process.platform === 'linux') {
    const until = performance.now() + 10_000
    while (isThere(child.pid!) && performance.now() < until);
    expect(isThere(child.pid!)).toBe(false)
  }
  await once(child, 'exit')
  expect(hasEnded({ ...own, pid: child.pid! })).toBe(true)
})
