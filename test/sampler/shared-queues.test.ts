/**
 * Work that a queue runs for whoever has queued it: one at a time, each from the end of the one
 * before. Node's own means gives it back to them.
 */
import { AsyncResource } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { profile } from '../../dist/bundle/index.mjs'
import { asBystander, ledgerOf, msWhere, sampledBurn } from '../support/recorded.js'
import { sleep } from '../support/waits.mjs'

/** ms: what samples may tell with the label of the one before or after. */
const STRAY = 2

class Queue {
  readonly #jobs: (() => Promise<void>)[] = []
  #isBusy = false

  push(job: () => Promise<void>): void {
    this.#jobs.push(job)
    this.#next()
  }

  #next(): void {
    const job = this.#isBusy ? undefined : this.#jobs.shift()
    if (job === undefined) return
    this.#isBusy = true
    void job().then(() => {
      this.#isBusy = false
      this.#next()
    })
  }
}

/** Busy in a function of this name before a wait and after it; what samples tell of it, ms. */
function work(queue: Queue, name: string): Promise<number> {
  const named = new Function('burn', `return function ${name}(ms) { return burn(ms) }`)
  const own = named((ms: number) =>
    sampledBurn(ms).reduce((sum, { from, to }) => sum + to - from, 0),
  )
  return new Promise((resolve) => {
    const job = async () => {
      let burnt: number = own(8)
      await sleep(5)
      burnt += own(8)
      resolve(burnt)
    }
    queue.push(AsyncResource.bind(job))
  })
}

describe.each([{ awaits: true }, { awaits: false }])('awaits: $awaits', ({ awaits }) => {
  test('a job that is bound is whose who has queued it', async () => {
    const queue = new Queue()
    const others = Array.from({ length: 4 }, (_, i) => `other_${i}`)
    const queued = others.slice(0, 2).map((name) => asBystander(name, () => work(queue, name)))
    const recording = profile(() => work(queue, 'own'), { awaits })
    const behind = others.slice(2).map((name) => asBystander(name, () => work(queue, name)))
    await Promise.all([...queued, ...behind])
    const { value: burnt, profile: recorded } = await recording
    const isOwn = (names: readonly string[]) => !names.includes('[blocked]')
    const ownMs = msWhere(recorded!, (names) => isOwn(names) && names.includes('own'))
    const { cpu, gc, offcpu, profiler } = ledgerOf(recorded!)
    expect(ownMs).toBeGreaterThan(burnt - STRAY - profiler / 1000)
    expect((cpu + gc + offcpu + profiler) / 1000).toBeGreaterThan(burnt - STRAY)
    const foreign = (names: readonly string[]) => names.some((name) => name.startsWith('other_'))
    expect(msWhere(recorded!, (names) => isOwn(names) && foreign(names))).toBeLessThan(STRAY)
  })
})
