/**
 * The model: what a profile is, for every reader, transformation, view and writer.
 *
 * A profile is flat. Frames say *where*, stacks say *how we got there*, samples say *how long*.
 * All three are columns and refer to each other by index, so that a million samples cost sixteen
 * megabytes and are walked with a `for` loop, never by recursion. The call tree is derived
 * (`calltree.ts`) and thrown away.
 */
import type { Account } from './accounts.js'
import type { Unit } from './units.js'

export type { Unit }

/** Whole microseconds. Durations and points in time alike. */
export type Micros = number
/** Index into `Profile.frames`. */
export type FrameIndex = number
/** Index into the columns of `Profile.stacks`; 0 is the root. */
export type StackIndex = number
/** Index into `Profile.labelSets`; 0 is the empty set. */
export type LabelSetIndex = number

/**
 * A function, or one of the synthetic frames of `frames.ts`. Identity is name, file, line and
 * column. Unknown text is '', unknown positions are 0; lines and columns count from 1 and stay
 * below 2^31.
 */
export interface Frame {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly column: number
  /**
   * The frame as it was recorded, where a source map led to this one; one of them where several
   * did. It goes with the frame through every transformation; files hold the frame alone.
   */
  readonly generated?: Frame
}

/**
 * Call stacks as a tree: stack `i` is frame `frame[i]` called from stack `parent[i]`.
 * A parent comes before its children (`parent[i] < i`), stack 0 is the root (parent -1), and no two
 * stacks have the same parent and frame.
 */
export interface StackTable {
  readonly frame: Int32Array
  readonly parent: Int32Array
}

/**
 * What was seen, in time order where `Profile.timeline` says so. `weight` is a whole number in the
 * profile's unit, never negative except in a diff.
 */
export interface SampleTable {
  readonly stack: Int32Array
  readonly weight: Float64Array
  readonly labelSet: Int32Array
  /**
   * How many samples each one is the sum of, where their order was not needed and they were never
   * held one by one; if left out, each is one.
   */
  readonly count?: Int32Array
}

/** How often what was waited for at an `[await]`, where that is known. */
export interface WaitCount {
  /** Ends in an `[await]`. */
  readonly stack: StackIndex
  /** Of which recording; samples know more. */
  readonly labelSet: LabelSetIndex
  readonly count: number
  /** Longer than the stack's own time where several waited at once. */
  readonly totalMicros: Micros
  readonly longestMicros: Micros
  /**
   * How many waits for the same, by the same function of the app, went on at the same time, at
   * most, where that is known: some may stand at another stack.
   */
  readonly mostAtOnce?: number
}

/** Facts about a sample: `route`, `worker`, `request`, or whatever an imported profile carries. */
export type Labels = ReadonlyMap<string, string>

export interface Profile {
  /** For people: `GET /users/:id`, or the file's name. */
  readonly name: string
  readonly unit: Unit
  /** True if the samples follow each other in time, from `startMicros` on. */
  readonly timeline: boolean
  /** Where the timeline starts, on the recorder's own clock (not the epoch). */
  readonly startMicros: Micros
  readonly frames: readonly Frame[]
  readonly stacks: StackTable
  readonly samples: SampleTable
  readonly labelSets: readonly Labels[]
  /** By stack, then by label set; each pair of them once. */
  readonly waits: readonly WaitCount[]
  /** One entry for each profview dump whose time is in here; empty for foreign profiles. */
  readonly sources: readonly DumpMeta[]
  /** One line each: what the reader had to repair or could not know. */
  readonly warnings: readonly string[]
  /** What a file of ours said that its reader did not know; for when it is written again. */
  readonly unknown?: Readonly<Record<string, unknown>>
}

/** A request's wall-clock time by account; it sums to the duration. */
export type Ledger = Readonly<Record<Account, Micros>>

/**
 * The `$profview` key of a dump, which other programs read too: names and meanings are fixed. Dumps
 * of version 1 are given what they do not say.
 */
export interface DumpMeta {
  /**
   * In version 1, `blocked` is all foreign time while the request waited, whether or not that
   * delayed it, and time off the CPU is part of `cpu`.
   */
  readonly version: 1 | 2
  /** `profview 0.2.0`; '' in version 1. */
  readonly writer: string
  readonly id: string
  readonly kind: 'request' | 'process' | 'function' | 'stall'
  /** Of a function or a job. */
  readonly name: string | null
  /** ISO-8601, UTC; when the process first saw it. */
  readonly startedAt: string
  readonly durationMicros: Micros
  readonly request: RequestMeta | null
  readonly process: ProcessMeta
  readonly kept: Kept
  /** `process`: the samples are the whole thread's, because they could not be told apart. */
  readonly attribution: 'request' | 'process'
  /** Each await was followed: waits have call chains. */
  readonly awaits: boolean
  readonly intervalMicros: Micros
  /** Samples of the profiler that fell into this dump. */
  readonly samples: number
  /** Samples known to be lost. */
  readonly dropped: number
  /** From arming the sampler to `startedAt`. */
  readonly armedSinceMicros: Micros
  readonly ledger: Ledger
  /** The part of `blocked` that is an upper bound. */
  readonly blockedUpToMicros: Micros
  /** Of `offcpu`: what the machine took, at most. Null: the system does not say. */
  readonly machine: MachineTime | null
  /** Null: not known. */
  readonly queued: Queued | null
  readonly stall: Stall | null
  readonly labels: Readonly<Record<string, string>>
  readonly warnings: readonly Warning[]
  /**
   * What the app's files were while this was recorded, by their paths in the frames: the first 16
   * hexadecimal digits of their SHA-256. Files that may have changed since the process started are
   * left out.
   */
  readonly files?: Readonly<Record<string, string>>
}

/** Why there is a dump. */
export type Kept =
  | 'trigger'
  | 'all'
  | 'share'
  | 'slow'
  | 'status'
  | 'stall'
  | 'process'
  | 'schedule'
  | 'capture'
  | 'run'
  | 'attach'
  | 'call'

/** What a profile does not know; the code is for programs, the text for people. */
export interface Warning {
  readonly code: string
  readonly text: string
}

export interface MachineTime {
  /** Ready to run, and the CPU was somebody else's. */
  readonly runQueueMicros: Micros
  /** Of that, how long a CPU quota stood in the way. */
  readonly throttledMicros: Micros
}

/**
 * How long the request may have waited before the process saw it, while the loop was busy: not part
 * of its duration.
 */
export interface Queued {
  /** Above 0 only where that is proved. */
  readonly minMicros: Micros
  /** Null where no bound is sound. */
  readonly maxMicros: Micros | null
  /** Of those slow by the queue alone, how many others of the same busy stretch were not kept. */
  readonly othersKeptOut: number
  /** With whom the loop was busy meanwhile, longest first; sums to `maxMicros`. */
  readonly by: readonly QueueCulprit[]
}

export interface QueueCulprit {
  /** `GET /report`, a job, `background`, or `[unknown]` where the owner cannot be told. */
  readonly title: string
  /** The function that ran; '' and 0 where it is not known. */
  readonly name: string
  readonly file: string
  readonly line: number
  readonly micros: Micros
}

/** Of kind `stall`: why the loop could not go on, and who waited for it. */
export interface Stall {
  /** False in what is written while it lasts. */
  readonly ended: boolean
  readonly cause: 'callback' | 'microtasks' | 'burst' | 'native' | 'unknown'
  readonly delayedCount: number
  /** At most so long; at least so long, where that is known. */
  readonly delayed: readonly {
    readonly title: string
    readonly micros: Micros
    readonly leastMicros?: Micros
  }[]
  /** Whose code had the loop, each owner once, longest first; and how much of it the function. */
  readonly by?: readonly StallHolder[]
}

export interface StallHolder extends QueueCulprit {
  readonly functionMicros: Micros
}

export interface RequestMeta {
  readonly method: string
  /** The route pattern (`/users/:id`), never the path; '' where none matched. */
  readonly route: string
  readonly status: number
  /** The client went away, or the response was destroyed, before its end. */
  readonly aborted: boolean
}

export interface ProcessMeta {
  readonly pid: number
  /** `cluster.worker.id`; 0 outside a cluster worker. */
  readonly workerId: number
  readonly threadId: number
  readonly host: string
  readonly node: string
}
