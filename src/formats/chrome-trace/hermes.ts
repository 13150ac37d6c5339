import { ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame, Profile, StackIndex } from '../../profile/profile.js'
import { bad } from '../shared/bad.js'
import { isRecord } from '../shared/dump-meta.js'

/** The members that Hermes writes beside the events. Numbers may be texts. */
export interface StackSamples {
  samples: unknown
  stackFrames: unknown
}

/** A profile for each thread; none where there are no such samples. */
export function readStackSamples(file: StackSamples, name: string) {
  const { samples, stackFrames } = file
  if (!Array.isArray(samples) || !isRecord(stackFrames)) return []
  const threads = new Map<string, { pid: number; tid: number; samples: TimedStack[] }>()
  samples.forEach((sample: unknown, i) => {
    const place = `samples[${i}]`
    if (!isRecord(sample)) throw bad(place, 'is not an object')
    const time = Number(sample.ts)
    if (!Number.isSafeInteger(Math.round(time))) throw bad(place, 'has no time')
    const [pid, tid] = [Number(sample.pid ?? 0), Number(sample.tid ?? 0)]
    const key = `${pid}:${tid}`
    const thread = threads.get(key) ?? { pid, tid, samples: [] }
    thread.samples.push({ time: Math.round(time), frame: String(sample.sf) })
    threads.set(key, thread)
  })
  return [...threads.values()].map((thread) => ({
    ...thread,
    profile: profileOf(thread.samples, stackFrames, name),
  }))
}

// --- internal ---

interface TimedStack {
  readonly time: number
  /** A key of the stack frames. */
  readonly frame: string
}

/** A sample owns the time until the next one of its thread. */
function profileOf(samples: TimedStack[], frames: Record<string, unknown>, name: string): Profile {
  const builder = new ProfileBuilder()
  const stacks = new Map<string, StackIndex>()
  samples.sort((a, b) => a.time - b.time)
  samples.forEach(({ time, frame }, i) => {
    const weight = (samples[i + 1]?.time ?? time) - time
    builder.sample(stackOf(frame, frames, builder, stacks), weight)
  })
  return builder.build({ name, timeline: true, startMicros: samples[0]!.time })
}

/** No recursion: stacks may be deep. */
function stackOf(
  key: string,
  frames: Record<string, unknown>,
  builder: ProfileBuilder,
  stacks: Map<string, StackIndex>,
): StackIndex {
  const path: { key: string; frame: Record<string, unknown> }[] = []
  const seen = new Set<string>()
  let at = key
  while (!stacks.has(at)) {
    const frame = Object.hasOwn(frames, at) ? frames[at] : null
    if (!isRecord(frame)) break
    if (seen.has(at)) throw bad(`stackFrames.${at}`, 'is its own ancestor')
    seen.add(at)
    path.push({ key: at, frame })
    at = String(frame.parent ?? '')
  }
  let stack = stacks.get(at) ?? ROOT_STACK
  for (const { key: own, frame } of path.reverse()) {
    if (frame.name !== '[root]') stack = builder.stack(stack, builder.frame(frameOf(frame)))
    stacks.set(own, stack)
  }
  return stack
}

/** The name has the place behind it: `render(/app/index.bundle:10:4)`. */
function frameOf({ name, line, column }: Record<string, unknown>): Frame {
  const text = typeof name === 'string' ? name : ''
  const match = /^([^(]*)\((.*):(\d{1,9}):(\d{1,9})\)$/.exec(text)
  if (match === null) {
    return { name: text || ANONYMOUS, file: '', line: position(line), column: position(column) }
  }
  const [, own, file, atLine, atColumn] = match
  return { name: own || ANONYMOUS, file: file!, line: position(atLine), column: position(atColumn) }
}

function position(value: unknown): number {
  const number = Number(value ?? 0)
  return number > 0 && (number | 0) === number ? number : 0
}
