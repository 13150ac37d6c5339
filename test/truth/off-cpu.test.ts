/** CPU time is what the thread had of the CPU, by its own clock; the rest is off-CPU. */
import { type ChildProcess, spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { untruths } from './judge.js'
import { recordedOf, startProgram } from './truth.js'

/** It uses all the CPU that it gets, for as long as its standard input is open. */
const COMPETITOR = `
  process.stdin.resume().on('end', () => process.exit())
  function spin() {
    const end = performance.now() + 20
    while (performance.now() < end);
    setImmediate(spin)
  }
  spin()
`

function compete(count: number): ChildProcess[] {
  return Array.from({ length: count }, () => {
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    const child = spawn(process.execPath, ['-e', COMPETITOR], { stdio: [...stdio] })
    onTestFinished(() => void child.kill())
    return child
  })
}

test('a synchronous wait is off-CPU, in the function that waits', async () => {
  const program = await startProgram({})
  await program.ask({ path: '/offCpu' })
  await program.ask({ path: '/offCpu?id=own_a&profile=1' })
  const [recorded] = await recordedOf(program, 'own_a')
  expect(untruths(recorded!)).toEqual([])
})

test('what the machine takes of a busy function is no CPU time of it', async () => {
  const program = await startProgram({})
  await program.ask({ path: '/busy?busy=200' })
  compete(3)
  await program.ask({ path: '/busy?busy=400&id=own_a&profile=1' })
  const [recorded] = await recordedOf(program, 'own_a')
  expect(untruths(recorded!)).toEqual([])
  const { ledger, machine } = recorded!.profile.sources[0]!
  // It did nothing but wait for the CPU.
  if (machine) expect(ledger.offcpu - machine.runQueueMicros).toBeLessThan(10_000)
})
