/** A trace that Chromium records in the test run, beside a count that uses none of our code. */
import { expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { Profile } from '../../src/profile/profile.js'
import { useBrowser } from '../support/browser.js'

const browser = useBrowser()

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly id?: string
  readonly ts: number
  readonly args: {
    readonly data?: {
      readonly startTime?: number
      readonly endTime?: number
      readonly timeDeltas?: readonly number[]
      readonly cpuProfile?: {
        readonly nodes?: readonly { id: number; callFrame: { functionName: string } }[]
        readonly samples?: readonly number[]
      }
    }
  }
}

test('a trace of a page has its functions with their times, each thread its own', async () => {
  const text = await recordTrace()
  const profile = decodeProfile(new TextEncoder().encode(text), 'trace.json')
  const expected = selfTimes((JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents)
  expect(expected.get('burnTheCpu')).toBeGreaterThan(50_000)
  expect([...selfOf(profile)].sort()).toEqual([...expected].sort())
  expect(totalWeight(profile)).toBe([...expected.values()].reduce((sum, self) => sum + self, 0))
})

async function recordTrace(): Promise<string> {
  const page = await browser.open()
  const session = await page.context().newCDPSession(page)
  const events: object[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  const done = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.start', {
    categories: 'devtools.timeline,disabled-by-default-v8.cpu_profiler,__metadata',
    transferMode: 'ReportEvents',
  })
  await page.evaluate(`(function burnTheCpu() {
    const end = performance.now() + 300
    let sum = 0
    while (performance.now() < end) for (let i = 0; i < 1e5; i++) sum += i % 7
    return sum
  })()`)
  await session.send('Tracing.end')
  await done
  return JSON.stringify({ traceEvents: events })
}

/** By name, of all threads: each sample lasts until the next one of its profile. */
function selfTimes(events: readonly TraceEvent[]): Map<string, number> {
  const self = new Map<string, number>()
  const add = (name: string, time: number) => {
    if (time > 0) self.set(name, (self.get(name) ?? 0) + time)
  }
  const keyOf = ({ pid, id }: TraceEvent) => `${pid} ${id}`
  const starts = events.filter(({ name }) => name === 'Profile')
  for (const start of starts) {
    const pieces = events
      .filter((event) => event.name === 'ProfileChunk' && keyOf(event) === keyOf(start))
      .sort((a, b) => a.ts - b.ts)
      .map(({ args }) => args.data ?? {})
    const names = new Map<number, string>()
    const samples: { at: number; node: number }[] = []
    let clock = start.args.data?.startTime ?? 0
    let end = 0
    for (const { cpuProfile, timeDeltas = [], endTime } of pieces) {
      for (const { id, callFrame } of cpuProfile?.nodes ?? []) {
        names.set(id, callFrame.functionName || '(anonymous)')
      }
      ;(cpuProfile?.samples ?? []).forEach((node, i) => {
        clock += timeDeltas[i]!
        samples.push({ at: clock, node })
      })
      end = endTime ?? end
    }
    if (samples.length === 0) continue
    samples.sort((a, b) => a.at - b.at)
    add('[unknown]', samples[0]!.at - start.args.data!.startTime!)
    samples.forEach(({ at, node }, i) => {
      add(names.get(node)!, (samples[i + 1]?.at ?? Math.max(end, at)) - at)
    })
  }
  return self
}

function selfOf({ frames, stacks, samples }: Profile): Map<string, number> {
  const self = new Map<string, number>()
  samples.stack.forEach((stack, i) => {
    const { name } = frames[stacks.frame[stack]!]!
    const time = samples.weight[i]!
    if (time > 0) self.set(name, (self.get(name) ?? 0) + time)
  })
  return self
}
