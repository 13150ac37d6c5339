import type { DumpMeta, Profile } from '../../profile/profile.js'
import type { Finished, StackTableDelta, Window } from '../../sampler/window.js'
import type { StoreLimits } from '../../store/retention.js'
import type { BodyAsked } from '../gate/trigger.js'
import type { Ports } from './last-data.js'

/** What the profiled thread tells the writer, in order. */
export type WriterMessage = DumpMessage | ArrivalMessage | WatchMessage

export type DumpMessage =
  | StacksMessage
  | WindowMessage
  | SoFarMessage
  | FinishMessage
  | ProbeMessage

/** New rows of the stack table. */
export interface StacksMessage {
  readonly type: 'stacks'
  readonly table: StackTableDelta
  /** The app has had the last word on what functions are called. */
  readonly redacted: boolean
}

export interface WindowMessage {
  readonly type: 'window'
  readonly window: Window
  /** As above, of the window's new stacks. */
  readonly redacted: boolean
}

/**
 * A recording that goes on, as if it had ended with the last window: what its dump will be made of
 * shall outlive the process.
 */
export interface SoFarMessage {
  readonly type: 'soFar'
  readonly recording: Finished
  readonly store: StoreAddress
  /** The clock of its times, ms since the epoch. */
  readonly timeOrigin: number
  /** The thread's heap, and as large as it may become. */
  readonly heapBytes: number
  readonly mostHeapBytes: number
  /** Whoever writes to its directory next writes the dump if this process does not. */
  readonly isForNext: boolean
}

export interface FinishMessage {
  readonly type: 'finish'
  readonly recording: Finished
  readonly store: StoreAddress | null
  /** Somebody waits for the dump, as a page or as it is. */
  readonly body: BodyAsked | null
  /** A line on stderr says where the dump is. */
  readonly isTold: boolean
  /** Somebody waits for the profile itself. */
  readonly isAwaited: boolean
  /** Nothing came with the request or behind it on its connection. */
  readonly cameAlone: boolean
  /** Nothing shall be written unless it took this long with its time in the queue, ms. */
  readonly ifSlowMs: number | null
}

/** Would a dump be written there now? */
export interface ProbeMessage {
  readonly type: 'probe'
  readonly store: StoreAddress
}

/** For a thread of its own only: the profiled one is not held up for it. */
export type ArrivalMessage =
  /** Questions may follow. */
  | { readonly type: 'prepare' }
  /** The kernel shall be asked about the request of the dump with this id. */
  | { readonly type: 'arrival'; readonly id: string; readonly question: ArrivalQuestion }

export interface ArrivalQuestion {
  readonly ports: Ports
  /** What the process had read of the connection when the request began. */
  readonly bytesRead: number
  /** `process.hrtime`, which all threads share, less the clock of the request's thread, ms. */
  readonly origin: number
}

/** From now on the thread is watched: a hang is written while it lasts. */
export interface WatchMessage extends HangSigns {
  readonly type: 'watch'
  /** What a dump says that has to be written without having asked the thread, but when it was. */
  readonly recording: Finished
  readonly store: StoreAddress
}

export interface HangSigns {
  readonly beat: SharedArrayBuffer
  /** Without a beat for so long it hangs. */
  readonly hangMs: number
  /** Has the thread tell of its hang itself, wherever in the process's main thread it is run. */
  readonly expression: string
  /** `process.hrtime`, which all threads share, less the clock of the thread, ms. */
  readonly origin: number
  /** On stderr, where the app's log is, and the app's thread cannot put it there. */
  readonly tellsAtOnce: boolean
}

/** The process ends: the kernel is not waited for any more. Not one of those that are counted. */
export type HurryMessage = { readonly type: 'hurry' }

export interface StoreAddress {
  readonly dir: string
  readonly limits: StoreLimits
  /** Not given: this dump is not counted. */
  readonly perMinute?: number
  /** The profiled thread, for the dump's name. */
  readonly threadId: number
  /** Its process, where it is another one than this. */
  readonly pid?: number
}

/**
 * The writer's answer to `finish`: the dump's place, or the profile itself where there is no store,
 * that it was not worth one, that the directory gets too many (and when it may take one again, ms),
 * or why none of that.
 */
export type WriterAnswer =
  | {
      readonly id: string
      readonly file: string
      readonly meta: DumpMeta
      /** Where it is waited for. */
      readonly profile?: Profile
      /** Where it was asked for and could be made. */
      readonly body?: Uint8Array<ArrayBuffer>
      /** What it says, where that is for the app's log. */
      readonly sentence?: string
    }
  | { readonly id: string; readonly profile: Profile }
  | { readonly id: string; readonly dropped: true }
  | { readonly id: string; readonly againInMs: number }
  | LostAnswer

export interface LostAnswer {
  readonly id: string
  readonly error: string
  /** It is not the dump but its directory that is the reason: the system's code for that. */
  readonly refusal?: string
}

/** To `probe`; null: yes. */
export interface ProbeAnswer {
  readonly probed: StoreAddress
  readonly refused: Pick<LostAnswer, 'error' | 'refusal'> | null
}

/** To `soFar`: if the process were killed, more than a second of it would be lost. */
export interface UnsafeAnswer {
  readonly unsafe: string
}

export type SomeAnswer = WriterAnswer | ProbeAnswer | UnsafeAnswer

/** What goes to the other thread as it is, and is gone from this one: all columns of a window. */
export function buffersOf(message: WriterMessage): ArrayBuffer[] {
  if (message.type !== 'window' && message.type !== 'stacks') return []
  const { table, ...columns } = message.type === 'window' ? message.window : message
  const all = Object.values({ ...columns, ...table })
  return all.flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []))
}
