/**
 * Overlapping recordings in a crowd: whose CPU each profile shows, against the workload's own
 * clock.
 */
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asBystander, ledgerOf, msWhere, record, samplesTaken } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

const server = createServer((socket) => socket.pipe(socket))
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

function ping(): Promise<void> {
  const { port } = server.address() as { port: number }
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('x'))
    socket.on('error', reject)
    socket.on('data', () => resolve(void socket.destroy()))
  })
}

const PAUSES = [
  () => sleep(2),
  () => new Promise<void>((resolve) => setImmediate(resolve)),
  () => Promise.resolve(),
  () => readFile(import.meta.filename),
  ping,
]

/** A function of this very name that burns for so long; the name says whose time it is. */
function burnerOf(name: string): (ms: number) => number {
  return new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
}

/**
 * Burns `budget` ms in slices of 2–6 ms with a pause of each kind in between; returns the clocked
 * time, and that of the slices in which the machine did not let the engine take a sample.
 */
async function slices(own: (ms: number) => number, budget: number): Promise<[number, number]> {
  let clocked = 0
  let unseen = 0
  for (let i = 0; clocked < budget; i++) {
    const taken = samplesTaken()
    const ms = own(2 + (i % 5))
    clocked += ms
    if (samplesTaken() === taken) unseen += ms
    await PAUSES[i % PAUSES.length]!()
  }
  return [clocked, unseen]
}

interface Measured {
  /** Time below the request's own function, over the clocked time. */
  readonly share: number
  /** The same on the CPU: between the slices the machine may take the thread as well. */
  readonly ran: number
  /** Time of somebody else's function as the request's own, ms. */
  readonly foreign: number
  readonly ledgerShare: number
  /** Of the clocked time, what no sample tells of. */
  readonly unseen: number
}

async function measure(name: string, budget: number): Promise<Measured> {
  let clocked = 0
  let unseen = 0
  const recorded = await record(async () => {
    ;[clocked, unseen] = await slices(burnerOf(name), budget)
  }, name)
  const running = (names: string[]) => !names.includes('[blocked]')
  const isRunning = (names: string[]) => running(names) && names.at(-1) !== '[off-CPU]'
  const { cpu, gc, offcpu } = ledgerOf(recorded)
  return {
    share: msWhere(recorded, (names) => running(names) && names.includes(name)) / clocked,
    ran: msWhere(recorded, (names) => isRunning(names) && names.includes(name)) / clocked,
    foreign: msWhere(
      recorded,
      (names) => running(names) && names.some((n) => /^(own|crowd)_/.test(n) && n !== name),
    ),
    ledgerShare: (cpu + gc + offcpu) / 1000 / clocked,
    unseen: unseen / clocked,
  }
}

/** Runs `concurrency` recordings at once among unprofiled requests. */
async function overlapping(concurrency: number, budget: number): Promise<Measured[]> {
  let stop = false
  const crowd = [0, 1, 2].map((i) =>
    asBystander(`GET /crowd/${i}`, async () => {
      const own = burnerOf(`crowd_${i}`)
      while (!stop) {
        own(1)
        await sleep(5)
      }
    }),
  )
  const measured = await Promise.all(
    Array.from({ length: concurrency }, (_, i) => measure(`own_${i}`, budget)),
  )
  stop = true
  await Promise.all(crowd)
  return measured
}

/** A segment without a sample is known by its caller only: such time has no name. */
function expectTrue(measured: readonly Measured[], slack: number): void {
  expect(measured.map(({ foreign }) => foreign)).toEqual(measured.map(() => 0))
  expect(median(measured.map(({ share, unseen }) => share + unseen))).toBeGreaterThan(1 - slack)
  expect(median(measured.map(({ ran }) => ran))).toBeLessThan(1 + slack)
  for (const { ledgerShare } of measured) expect(ledgerShare).toBeGreaterThan(0.99)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

describe('each profile shows its own CPU and nobody else’s', () => {
  test.each([
    { concurrency: 1, budget: 300 },
    { concurrency: 8, budget: 300 },
    { concurrency: 64, budget: 60 },
  ])('$concurrency overlapping', { timeout: 60_000 }, async ({ concurrency, budget }) => {
    expectTrue(await overlapping(concurrency, budget), 0.06)
  })

  test('the twentieth recording is as true as the first', { timeout: 60_000 }, async () => {
    const rounds: Measured[] = []
    for (let round = 0; round < 20; round++) rounds.push(await measure(`own_round_${round}`, 60))
    expectTrue(rounds.slice(0, 10), 0.06)
    expectTrue(rounds.slice(10), 0.06)
  })
})
