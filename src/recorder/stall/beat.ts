/**
 * The loop goes round as long as this beats, which the writer's thread sees (`hang-watch.ts`): a
 * loop that does not come back cannot tell of itself.
 */
import { hrtimeMs } from '../../sampler/clock.js'
import { setInterval } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { outsideRequests } from '../outside-requests.js'
import { BEAT_BYTES, BEAT_MS, type BeatView, beatIn, toldBetween } from '../writer/beat-view.js'

export class Beat {
  readonly shared: SharedArrayBuffer
  readonly #view: BeatView

  constructor() {
    this.shared = new SharedArrayBuffer(BEAT_BYTES)
    this.#view = beatIn(this.shared)
  }

  start(): void {
    const beat = quietly(() => this.#beat())
    beat()
    outsideRequests(() => setInterval(beat, BEAT_MS)).unref()
  }

  /** The number of the hang of that time of which the other thread has told by itself, or null. */
  toldBetween(from: number, to: number): number | null {
    return toldBetween(this.#view, from, to)
  }

  // --- internal ---

  #beat(): void {
    this.#view.at[0] = hrtimeMs()
    this.#view.isDebugged[0] = isDebugged() ? 1 : 0
  }
}

/** Somebody may be looking: a pause of ours would show. */
export function isDebugged(): boolean {
  if (!process.features.inspector) return false
  try {
    return process.getBuiltinModule('node:inspector').url() !== undefined
  } catch {
    return true
  }
}
