/** Windows written by hand, and the profile that becomes of them. */
import { WindowStore } from '../../src/assembler/window-store.js'
import { checkProfile } from '../../src/profile/check.js'
import { PROFILER } from '../../src/profile/frames.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { StackTable } from '../../src/sampler/stack-table.js'
import { BACKGROUND, CODE, IDLING, PROFILING, type Window } from '../../src/sampler/window.js'
import { lineOf } from './sampler-parts.js'

/** The context that is recorded, and somebody else's. */
export const ME = 7
export const OTHER = 8

export interface SceneSegment {
  readonly from: number
  readonly to: number
  readonly of: number
  readonly below?: string
  readonly what?: string
  readonly ready?: number
  readonly task?: number
  readonly isUpTo?: boolean
  readonly settled?: number
  readonly asked?: number
  /** As `asked`, where it does not say. */
  readonly since?: number
  readonly answer?: number
}

/** All times in ms. */
export interface Scene {
  /** Of the recording, which begins at 0. */
  readonly end: number
  readonly segments: readonly SceneSegment[]
  /**
   * One each ms: `report;render 10-60 8` for context 8; `[profiler]` is our own work, and what is
   * in none is idle.
   */
  readonly busy?: readonly string[]
  /** From, to: the sampler itself got no CPU. */
  readonly starved?: readonly [number, number]
  readonly turns?: readonly { readonly at: number; readonly slept: boolean }[]
  /** Of the recording, noted without following awaits. */
  readonly waits?: readonly (readonly [begin: number, end: number, what: string])[]
  readonly follows?: boolean
  readonly hasRunSegments?: boolean
  /** It is the whole thread’s: what is nobody’s is its own. */
  readonly whole?: boolean
}

/** `pg.query` is a package’s function, others are the app’s. */
function fileOf(name: string): string {
  return name.startsWith('pg.') ? '/node_modules/pg/index.js' : '/app.js'
}

export function profileOfScene(scene: Scene): Profile {
  const stacks = new StackTable('/profview/')
  const stackOf = (path: string, kind = CODE) =>
    stacks.of(
      path.split(';').map((name) => stacks.intern(name, fileOf(name), lineOf(name), 1, true)),
      kind,
    )
  const samples = samplesOf(scene)
  const { segments, turns = [], waits = [], end, follows = true, hasRunSegments = true } = scene
  const { whole = false } = scene
  const chain = whole ? 0 : stackOf('app')
  const columns: Omit<Window, 'table'> = {
    sampleTime: Float64Array.from(samples, ({ time }) => time),
    sampleStack: Int32Array.from(samples, ({ path }) =>
      path === '' ? stackOf('(idle)', IDLING) : stackOf(path, path === PROFILER ? PROFILING : CODE),
    ),
    sampleContext: Int32Array.from(samples, ({ context }) => context),
    sampleCpu: new Float64Array(samples.length).fill(Number.NaN),
    segmentStart: Float64Array.from(segments, ({ from }) => from),
    segmentEnd: Float64Array.from(segments, ({ to }) => to),
    segmentContext: Int32Array.from(segments, ({ of }) => of),
    segmentChain: Int32Array.from(segments, ({ below }) =>
      below === undefined ? -1 : stackOf(below),
    ),
    segmentWhat: Int32Array.from(segments, (_segment, i) => i),
    segmentPending: new Int32Array(segments.length).fill(-1),
    segmentReady: Float64Array.from(segments, ({ ready }) => ready ?? Number.NaN),
    segmentTask: Float64Array.from(segments, ({ task }) => task ?? Number.NaN),
    segmentReadyUpTo: Uint8Array.from(segments, ({ isUpTo }) => (isUpTo ? 1 : 0)),
    segmentSettled: Float64Array.from(segments, ({ settled }) => settled ?? Number.NaN),
    segmentAsked: Float64Array.from(segments, ({ asked }) => asked ?? Number.NaN),
    segmentAnswer: Int32Array.from(segments, ({ answer }) => answer ?? 0),
    segmentSince: Float64Array.from(segments, ({ asked, since }) => since ?? asked ?? Number.NaN),
    waitContext: new Int32Array(waits.length).fill(ME),
    waitBegin: Float64Array.from(waits, ([begin]) => begin),
    waitEnd: Float64Array.from(waits, ([, end]) => end),
    waitWhat: Int32Array.from(waits, (_wait, i) => i),
    waitTexts: waits.map(([, , what]) => what),
    texts: segments.map(({ what }) => what ?? ''),
    turnAt: Float64Array.from(turns, ({ at }) => at),
    turnSlept: Uint8Array.from(turns, ({ slept }) => (slept ? 1 : 0)),
    machineAt: new Float64Array(0),
    machineRunQueue: new Float64Array(0),
    machineThrottled: new Float64Array(0),
    titles: new Map([
      [ME, 'GET /me'],
      [OTHER, 'GET /other'],
    ]),
    from: 0,
    to: end + 1000,
    tailCpu: Number.NaN,
    precision: 0.01,
    keepFrom: 0,
  }
  const store = new WindowStore()
  store.add({ ...columns, table: stacks.delta() })
  const kind = whole ? 'process' : 'function'
  const attribution = whole ? 'process' : 'request'
  const meta = { kind, intervalMicros: 1000, attribution, awaits: follows }
  return checkProfile(
    store.finish({
      contextId: whole ? BACKGROUND : ME,
      start: 0,
      end,
      hasRunSegments,
      chain,
      labelled: false,
      labelsAll: false,
      queueing: null,
      meta: { ...meta, warnings: [] } as unknown as DumpMeta,
    }),
  )
}

// --- internal ---

/** The middle of each ms is sampled, whoever runs then. */
function samplesOf({ end, busy = [], starved = [end, end] }: Scene) {
  const stretches = busy.map((line) => {
    const [, path, from, to, context] = /^(.*) (\S+)-(\S+) (\d+)$/.exec(line)!
    return { path: path!, from: Number(from), to: Number(to), context: Number(context) }
  })
  const samples: { time: number; path: string; context: number }[] = []
  for (let time = 0.5; time < end; time++) {
    if (time > starved[0] && time < starved[1]) continue
    const found = stretches.find(({ from, to }) => time > from && time < to)
    samples.push({ time, path: found?.path ?? '', context: found?.context ?? 0 })
  }
  return samples
}
