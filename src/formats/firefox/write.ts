import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Profile } from '../../profile/profile.js'
import { isTime } from '../../profile/units.js'
import { ByteWriter } from '../shared/byte-writer.js'
import { markInTheWay } from '../shared/in-the-way.js'
import { type FirefoxMarker, MARKER_SCHEMA, markersOf } from './markers.js'
import {
  CATEGORY_LIST,
  FirefoxStrings,
  type UsedStacks,
  usedStacks,
  writeColumn,
  writeFrames,
  writeStacks,
} from './tables.js'
import { type FirefoxThread, threadsOf } from './threads.js'

/** Later versions of the profiler read all earlier ones; this one is written by others as well. */
const VERSION = 48
const GECKO_VERSION = 28
const WEIGHT_TYPES = {
  microseconds: 'tracing-ms',
  samples: 'samples',
  bytes: 'bytes',
  delay: 'tracing-ms',
  counts: 'samples',
} as const
/**
 * A run of a timeline is cut to pieces, so that whoever selects a stretch of time gets what is in
 * it.
 */
const PIECES = 1000

/**
 * Writes a processed profile of version 48: a thread for each worker, with a marker for each
 * request, each of its waits and each stretch in which it was blocked. Of merged profiles, which
 * have no order in time, the requests of a worker are laid end to end, and `meta.extra` says so.
 * Who was in the way is marked in the stacks.
 */
export function writeFirefox(profile: Profile): Uint8Array {
  const out = new ByteWriter()
  const marked = markInTheWay(profile)
  const threads = threadsOf(profile)
  out.text(`{"meta":${JSON.stringify(metaOf(profile, threads))},\n"libs":[],\n"threads":[`)
  threads.forEach((thread, i) => {
    out.text(i === 0 ? '\n' : ',\n')
    writeThread(out, marked, thread, i, markersOf(profile, thread))
  })
  return out.text(']}\n').finish()
}

// --- internal ---

function metaOf(profile: Profile, threads: readonly FirefoxThread[]) {
  const starts = profile.sources.map(({ startedAt }) => Date.parse(startedAt))
  const startTime = starts.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY)
  const end = threads.reduce((last, thread) => Math.max(last, thread.end), 0)
  return {
    interval: intervalOf(profile) * millisPer(profile),
    startTime: Number.isFinite(startTime) ? startTime : 0,
    profilingStartTime: 0,
    profilingEndTime: end * millisPer(profile),
    processType: 0,
    product: 'profview',
    profileName: profile.name,
    stackwalk: 1,
    version: GECKO_VERSION,
    preprocessedProfileVersion: VERSION,
    symbolicated: true,
    sourceCodeIsNotOnSearchfox: true,
    sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'µs' },
    categories: CATEGORY_LIST,
    markerSchema: MARKER_SCHEMA,
    ...(profile.timeline ? {} : { extra: LAID_OUT }),
  }
}

const LAID_OUT = [
  {
    label: 'profview',
    entries: [
      {
        label: 'Times',
        format: 'string',
        value: 'these samples have no order in time: durations are true, but laid end to end',
      },
    ],
  },
]

/** In the profile's unit. */
function intervalOf({ sources, unit }: Profile): number {
  return sources[0]?.intervalMicros ?? (isTime(unit) ? 1000 : 1)
}

/** The axis is one of time; where samples or bytes are counted, one of them takes a millisecond. */
function millisPer({ unit }: Profile): number {
  return isTime(unit) ? 1e-3 : 1
}

function writeThread(
  out: ByteWriter,
  profile: Profile,
  thread: FirefoxThread,
  index: number,
  markers: readonly FirefoxMarker[],
): void {
  const strings = new FirefoxStrings()
  const used = usedStacks(profile, thread)
  const pid = thread.pid === '' ? String(index + 1) : thread.pid
  const head = {
    name: thread.title || profile.name,
    processType: 'default',
    isMainThread: true,
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    pid,
    tid: pid,
    nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
    resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
  }
  out.text(`${JSON.stringify(head).slice(0, -1)},\n`)
  writeFrames(out, profile, used, strings)
  out.text(',\n')
  writeStacks(out, profile, used)
  out.text(',\n')
  writeSamples(out, profile, thread, used)
  out.text(',\n')
  writeMarkers(out, markers, millisPer(profile), strings)
  out.text(',\n')
  strings.write(out)
  out.text('}')
}

function writeSamples(
  out: ByteWriter,
  profile: Profile,
  thread: FirefoxThread,
  { stackOf }: UsedStacks,
): void {
  const { stack, start, weight } = profile.timeline ? cutRuns(profile, thread) : thread
  const scale = millisPer(profile)
  const { length } = stack
  out.text('"samples":{')
  writeColumn(out, 'stack', length, (i) => out.integer(stackOf[stack.at(i)]!))
  out.text(',')
  writeColumn(out, 'time', length, (i) => out.text(millis(start.at(i), scale)))
  out.text(',')
  writeColumn(out, 'weight', length, (i) => out.text(millis(weight.at(i), scale)))
  out.text(`,"weightType":"${WEIGHT_TYPES[profile.unit]}","length":${length}}`)
}

function writeMarkers(
  out: ByteWriter,
  markers: readonly FirefoxMarker[],
  scale: number,
  strings: FirefoxStrings,
): void {
  const column = (name: string, each: (marker: FirefoxMarker) => string | number) => {
    writeColumn(out, name, markers.length, (i) => out.text(String(each(markers[i]!))))
    out.text(',')
  }
  out.text('"markers":{')
  column('name', ({ name }) => strings.indexOf(name))
  column('startTime', ({ start }) => millis(start, scale))
  column('endTime', ({ end }) => millis(end, scale))
  column('phase', () => 1)
  column('category', ({ category }) => category)
  column('data', ({ data }) => JSON.stringify(data))
  out.text(`"length":${markers.length}}`)
}

/** No piece is longer than a sample, or than a thousandth of the thread's time if that is more. */
function cutRuns(profile: Profile, { stack, start, weight, end }: FirefoxThread) {
  const longest = Math.max(intervalOf(profile), end / PIECES)
  const cut = { stack: new Int32Column(), start: new Float64Column(), weight: new Float64Column() }
  for (let i = 0; i < stack.length; i++) {
    const whole = weight.at(i)
    const pieces = Math.ceil(Math.abs(whole) / longest)
    let done = 0
    for (let piece = 1; piece <= pieces; piece++) {
      const until = Math.round((whole * piece) / pieces)
      cut.stack.push(stack.at(i))
      cut.start.push(start.at(i) + Math.abs(done))
      cut.weight.push(until - done)
      done = until
    }
  }
  return cut
}

function millis(value: number, scale: number): string {
  return scale === 1 ? String(value) : String(value / 1000)
}
