import type { ProfviewError } from '../../errors.js'
import type { Profile } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { bad } from '../shared/bad.js'
import type { ByteSource } from '../shared/byte-window.js'
import { isRecord } from '../shared/dump-meta.js'
import { combineThreads } from './combine.js'
import { readStackSamples, type StackSamples } from './hermes.js'
import { countOnce, type RecordedThread } from './overlaps.js'
import { RecordedProfile } from './recorded.js'
import { TraceScanner } from './scan.js'
import { ThreadNames } from './thread-names.js'

/**
 * Reads the CPU profiles of a trace: V8's pieces (`Profile`, `ProfileChunk`) and whole ones
 * (`CpuProfile`), and the `samples` of Hermes. The events are an object's `traceEvents` or a list,
 * which need not be closed. Profiles of several threads become one, told apart by the label
 * `thread`. Throws `BAD_INPUT` with the place, also for a trace that has no CPU profile.
 */
export function readChromeTrace(from: Uint8Array | ByteSource, fileName: string): Profile {
  const scanner = new TraceScanner(from)
  const trace = new TraceProfiles()
  const rest: StackSamples = { samples: null, stackFrames: null }
  const isComplete = readMembers(scanner, trace, rest)
  const name = baseName(fileName)
  const threads: Thread[] = trace.finish(name)
  if (threads.length === 0) threads.push(...readStackSamples(rest, name))
  if (threads.length === 0) throw noProfile()
  const profiles = threads.map(({ profile }) => profile)
  const profile =
    threads.length === 1 ? profiles[0]! : combineThreads(profiles, trace.names.of(threads), name)
  if (isComplete) return profile
  return { ...profile, warnings: [...profile.warnings, 'the trace breaks off: its end is missing'] }
}

// --- internal ---

type Thread = Pick<RecordedThread, 'pid' | 'tid' | 'profile'>

/** False where the file breaks off. */
function readMembers(scanner: TraceScanner, trace: TraceProfiles, rest: StackSamples): boolean {
  const visit = (event: unknown) => trace.add(event)
  const atArray = () => scanner.atArray()
  if (scanner.whole(atArray)) return scanner.events(visit)
  let isComplete = true
  let hasEvents = false
  try {
    scanner.members((key) => {
      if (key === 'traceEvents' && scanner.whole(atArray)) {
        hasEvents = true
        isComplete = scanner.events(visit)
      } else if (key === 'samples' || key === 'stackFrames') {
        rest[key] = scanner.whole(() => scanner.value())
      } else scanner.skipLong()
    })
  } catch (error) {
    if (!hasEvents || !scanner.breaksOff) throw error
    return false
  }
  return isComplete
}

/** The profiles that the events are pieces of. */
class TraceProfiles {
  readonly names = new ThreadNames()
  readonly #profiles = new Map<string, RecordedProfile>()
  #events = 0

  add(event: unknown): void {
    const place = `event ${++this.#events} of a profile:`
    if (!isRecord(event) || !isRecord(event.args)) return
    const { name, args } = event
    const pid = numberOf(event.pid)
    const tid = numberOf(event.tid)
    if (name === 'thread_name') this.names.addThread(pid, tid, textOf(args.name))
    else if (name === 'process_name') this.names.addProcess(pid, textOf(args.name))
    else if (isRecord(args.data)) {
      const isWhole = name === 'CpuProfile'
      // The sampler's own thread writes the pieces: the process and an id say whose they are.
      const key = isWhole ? `whole ${this.#events}` : `${pid} ${String(event.id)}`
      const profile = this.#profiles.get(key) ?? new RecordedProfile()
      if (!this.#profiles.has(key) || name === 'Profile') Object.assign(profile, { pid, tid })
      this.#profiles.set(key, profile)
      profile.add(args.data, numberOf(event.ts), place)
    }
  }

  finish(name: string) {
    const found = [...this.#profiles.values()].filter(({ isEmpty }) => !isEmpty)
    return countOnce(
      found.map((each) => ({
        pid: each.pid,
        tid: each.tid,
        isPlaced: each.startTime !== null && (each.pid !== 0 || each.tid !== 0),
        profile: each.finish(name),
      })),
    )
  }
}

function noProfile(): ProfviewError {
  const hint = 'record it with the category disabled-by-default-v8.cpu_profiler'
  return bad('a Chrome trace', `without a CPU profile in it: ${hint}`)
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
