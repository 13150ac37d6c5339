/** What is sampled of an event loop of set times: one sample each ms. */
import type { NativeFrame, NativeSample } from '../../src/sampler/native-samples.js'
import type { Run } from './event-loop.js'

export interface KnownRun extends Run {
  /** The hooks know whose it is. */
  readonly isKnown: boolean
}

export function cpuOf(runs: readonly KnownRun[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** `labelsAll`: each says whose it is; else those of whom the hooks know. */
export function samplesOf(
  runs: readonly KnownRun[],
  { phase, labelsAll }: { readonly phase: number; readonly labelsAll: boolean },
  end: number,
): NativeSample[] {
  const samples: NativeSample[] = []
  let next = 0
  let used = 0
  let before = 0
  for (let time = phase; time < end; time++) {
    for (; next < runs.length && runs[next]!.to <= time; next++)
      used += runs[next]!.to - runs[next]!.from
    const run = runs[next]
    const isIn = run !== undefined && run.from <= time
    const cpu = used + (isIn ? time - run.from : 0)
    samples.push({
      epochMicros: time * 1000,
      cpuNanos: (cpu - before) * 1e6,
      unit: -1,
      label: isIn && (run.isKnown || labelsAll) ? run.of || null : null,
      frames: isIn ? framesOf(run) : IDLE,
    })
    before = cpu
  }
  return samples
}

// --- internal ---

const IDLE: readonly NativeFrame[] = [{ name: '(idle)', file: '', line: 0, column: 0 }]
const known = new Map<number, readonly NativeFrame[]>()

function framesOf({ of }: Run): readonly NativeFrame[] {
  const frames = known.get(of) ?? [{ name: `work${of}`, file: `/app/${of}.js`, line: 1, column: 1 }]
  known.set(of, frames)
  return frames
}
