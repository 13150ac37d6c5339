/**
 * Sees that the app's thread hangs, and has it told while it lasts:
 *
 *     app      beat   beat   █████████ hang ██│asked, goes on ████████
 *     writer      look   look   look   look ──┘ the dump is written
 */
import { readFileSync } from 'node:fs'
import type { Stall } from '../../profile/profile.js'
import { warning } from '../../profile/warnings.js'
import { hrtimeMs } from '../../sampler/clock.js'
import { BEAT_MS, type BeatView, beatIn, idOfTold, numberOfTold, SOON } from './beat-view.js'
import { askThread } from './hung-thread.js'
import type { FinishMessage, WatchMessage } from './messages.js'

export class HangWatch {
  readonly #watch: WatchMessage
  readonly #beat: BeatView
  readonly #write: (message: FinishMessage) => void
  #lookedAt = hrtimeMs()
  /** The beat after which no other came, and which has been told of. */
  #toldOf = 0
  /** The thread is busy enough not to beat, and comes round all the same. */
  #soon = 0
  #notBefore = 0

  constructor(watch: WatchMessage, write: (message: FinishMessage) => void) {
    this.#watch = watch
    this.#beat = beatIn(watch.beat)
    this.#write = write
  }

  start(): void {
    setInterval(() => this.#look(), BEAT_MS)
  }

  // --- internal ---

  #look(): void {
    const at = hrtimeMs()
    const wasAway = at - this.#lookedAt > 3 * BEAT_MS
    this.#lookedAt = at
    const beat = this.#beat.at[0]!
    // The whole process was stopped, or had no CPU: the app's thread shall have its turn first.
    if (wasAway || beat === this.#toldOf || this.#beat.isDebugged[0] === 1) return
    if (at - beat < this.#watch.hangMs + BEAT_MS || at < this.#notBefore) return
    this.#toldOf = beat
    void this.#ask(beat)
  }

  async #ask(beat: number): Promise<void> {
    const { threadId } = this.#watch.recording.meta.process
    const asked = await askThread(threadId, this.#watch.expression, PATIENCE_MS)
    if (this.#beat.at[0] !== beat) {
      this.#soon = 0
      return
    }
    if (asked === SOON && ++this.#soon < MOST_SOON) {
      this.#toldOf = 0
      this.#notBefore = hrtimeMs() + this.#watch.hangMs
    }
    if (asked === 'late') this.#tell(beat, NATIVE)
    else if (asked === 'refused' || asked === 'failed')
      this.#tell(beat, threadId === 0 ? REFUSED : WORKER)
  }

  /** Writes what this thread knows, which is little. */
  #tell(beat: number, { cause, text }: Reason): void {
    const { recording, store, origin } = this.#watch
    const at = hrtimeMs()
    // Then it would have beaten again, and did not.
    const since = beat + BEAT_MS
    const { meta } = recording
    const facts = meta.process.threadId === 0 ? factsOf(meta.process.pid) : ''
    const stall: Stall = { ended: false, cause, delayedCount: 0, delayed: [] }
    this.#write({
      type: 'finish',
      recording: {
        ...recording,
        start: since - origin,
        end: at - origin,
        meta: {
          ...meta,
          id: idOfTold(meta.id, numberOfTold(this.#beat, at)),
          startedAt: new Date(Date.now() - (at - since)).toISOString(),
          durationMicros: Math.round((at - since) * 1000),
          stall,
          warnings: [...meta.warnings, warning('not-asked', `${text}${facts}`)],
        },
      },
      store,
      body: null,
      isTold: false,
      isAwaited: false,
      cameAlone: false,
      ifSlowMs: null,
    })
  }
}

// --- internal ---

interface Reason {
  readonly cause: Stall['cause']
  readonly text: string
}

const NATIVE: Reason = {
  cause: 'native',
  text: 'it was in native code when this was written, and could not be asked whose',
}
const WORKER: Reason = {
  cause: 'unknown',
  text: 'it is a worker thread, which the main thread knew no way to when this was written',
}
const REFUSED: Reason = {
  cause: 'unknown',
  text: 'it could not be asked when this was written: this Node has no inspector for us',
}

/** Its timers are not those of the loop, and may never beat: it is left alone. */
const MOST_SOON = 3

/** Paused within 75 ms, on a machine that is loaded within 700. */
const PATIENCE_MS = 1000

/** What the system says of the process's main thread: `; the system: state S, in do_wait`. */
function factsOf(pid: number): string {
  try {
    const read = (name: string) => readFileSync(`/proc/self/task/${pid}/${name}`, 'utf8')
    const state = read('stat').split(') ')[1]!.charAt(0)
    const what = STATES[state] ?? `state ${state}`
    const place = state === 'R' ? '' : wordOf(read('wchan'))
    return `; to the system it ${what}${place === '' ? '' : ` in \`${place}\``}`
  } catch {
    return ''
  }
}

const STATES: Readonly<Record<string, string>> = {
  R: 'runs',
  S: 'sleeps',
  D: 'waits for a device',
  T: 'is stopped',
  t: 'is stopped',
}

/** Of a function of the kernel; it may keep it to itself. */
function wordOf(text: string): string {
  return /^[a-z_]\w{2,}$/.exec(text.trim())?.[0] ?? ''
}
