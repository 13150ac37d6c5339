/**
 * The model: what a profile is, for every reader, transformation, view and writer.
 *
 * A profile is flat. Frames say *where*, stacks say *how we got there*, samples say *how long*.
 * All three are columns and refer to each other by index, so that a million samples cost sixteen
 * megabytes and are walked with a `for` loop, never by recursion. The call tree is derived
 * (`calltree.ts`) and thrown away.
 */
import type { Account } from './accounts.js'

/** Whole microseconds. Durations and points in time alike. */
export type Micros = number
/** Index into `Profile.frames`. */
export type FrameIndex = number
/** Index into the columns of `Profile.stacks`; 0 is the root. */
export type StackIndex = number
/** Index into `Profile.labelSets`; 0 is the empty set. */
export type LabelSetIndex = number

/** What a weight counts. Profiles of different units are never added up. */
export type Unit = 'microseconds' | 'samples' | 'bytes'

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
  /** One entry for each profview dump whose time is in here; empty for foreign profiles. */
  readonly sources: readonly DumpMeta[]
  /** One line each: what the reader had to repair or could not know. */
  readonly warnings: readonly string[]
}

/** A request's wall-clock time by account; it sums to the duration. */
export type Ledger = Readonly<Record<Account, Micros>>

/** The `$profview` key of a dump, which other programs read too: names and meanings are fixed. */
export interface DumpMeta {
  readonly version: 1
  readonly id: string
  readonly kind: 'request' | 'process' | 'function'
  /** ISO-8601, UTC. */
  readonly startedAt: string
  readonly durationMicros: Micros
  readonly request: RequestMeta | null
  readonly process: ProcessMeta
  /** `process`: the samples are the whole thread's, because they could not be told apart. */
  readonly attribution: 'request' | 'process'
  readonly intervalMicros: Micros
  /** Samples of the profiler that fell into this dump. */
  readonly samples: number
  /** Samples known to be lost. */
  readonly dropped: number
  readonly ledger: Ledger
  readonly labels: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  /**
   * What the app's files were while this was recorded, by their paths in the frames: the first 16
   * hexadecimal digits of their SHA-256. Files that may have changed since the process started are
   * left out.
   */
  readonly files?: Readonly<Record<string, string>>
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
