/** What the app's thread and the writer's share, to see a loop that does not come back. */
export interface BeatView {
  /** The last beat, ms of `hrtimeMs`. */
  readonly at: Float64Array
  /** 1: a debugger may be attached. */
  readonly isDebugged: Uint8Array
  /** How many hangs have been told of by the writer's thread alone. */
  readonly told: Int32Array
}

export const BEAT_MS = 250

export function beatIn(shared: SharedArrayBuffer): BeatView {
  return {
    at: new Float64Array(shared, 0, 1),
    isDebugged: new Uint8Array(shared, 8, 1),
    told: new Int32Array(shared, 12, 1),
  }
}

/** The id of the dump of a hang of which only the writer's thread can tell, the how manieth. */
export function idOfTold(seed: string, told: number): string {
  // Ids that begin alike could not be told by a prefix.
  const first = (Number.parseInt(seed.slice(0, 8), 16) + told * 0x9e3779b1) % 2 ** 32
  return first.toString(16).padStart(8, '0') + seed.slice(8)
}

/** The thread's answer where it has not hung for long enough. */
export const SOON = 'soon'
