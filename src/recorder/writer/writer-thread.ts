/**
 * The writer, as the profiled thread sees it: messages go to a worker thread, so that neither
 * putting a dump together nor writing it stops the event loop. Where that thread cannot be started,
 * has died or is stuck, messages are lost, and nothing is done here instead.
 */
import { existsSync } from 'node:fs'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { ProfviewError } from '../../errors.js'
import type { Steps } from '../../profile/steps.js'
import { setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { outsideRequests } from '../outside-requests.js'
import { ExitPatience } from './exit-patience.js'
import {
  buffersOf,
  type HurryMessage,
  type SomeAnswer,
  type WatchMessage,
  type WriterMessage,
} from './messages.js'

export interface WriterListener {
  answered(answer: SomeAnswer): void
  /** Messages up to now that are unanswered will stay so. */
  lost(reason: string): void
  /** Some messages got lost, and the next ones will not: they shall need none of those. */
  resumed(): void
}

export class WriterThread {
  readonly #listener: WriterListener
  #handled = new Int32Array(new SharedArrayBuffer(4))
  #port: MessagePort | null = null
  #worker: Worker | null = null
  #isClosed = false
  #sent = 0
  /** Some messages were not taken. */
  #hasGap = false
  #notBefore = Number.NEGATIVE_INFINITY
  /** When the thread was last seen to have handled something, or had nothing to handle. */
  #progressAt = 0
  #seenHandled = 0
  #watched: WatchMessage | null = null

  constructor(listener: WriterListener) {
    this.#listener = listener
  }

  /** False: what is sent now would be lost. */
  get isTaking(): boolean {
    if (this.#isClosed) return false
    return this.#port === null ? performance.now() >= this.#notBefore : !this.#isStuck
  }

  /** Does what `send` would do first otherwise, in two steps of a millisecond. */
  *start(): Steps<void> {
    if (!this.isTaking) return
    if (this.#port === null) {
      const channel = outsideRequests(() => new MessageChannel())
      yield
      if (this.#port === null) outsideRequests(() => this.#start(channel))
      yield
    }
    if (!this.#hasGap || !this.isTaking) return
    this.#hasGap = false
    this.#listener.resumed()
    if (this.#watched !== null) this.send(this.#watched)
  }

  /** The thread, and each that takes its place, sees from now on when this one hangs. */
  watch(how: Omit<WatchMessage, 'type'>): void {
    this.#watched = { type: 'watch', ...how }
    this.send(this.#watched)
  }

  /** False where it is lost. */
  send(message: WriterMessage): boolean {
    if (this.#port === null && !this.#hasGap && this.isTaking) {
      outsideRequests(() => this.#start(new MessageChannel()))
    }
    if (this.#port === null || this.#hasGap || this.#isStuck) {
      this.#hasGap = true
      return false
    }
    this.#sent++
    this.#port.postMessage(message, buffersOf(message))
    return true
  }

  /** How long an exit may wait, from now on; `allMs`: the process was run for its dumps. */
  patience(allMs: number | null): ExitPatience {
    if (allMs !== null) return new ExitPatience({ firstMs: allMs, nextMs: allMs, allMs })
    const firstMs = this.#port === null ? COLD_EXIT_MS : EXIT_MS
    return new ExitPatience({ firstMs, nextMs: EXIT_MS, allMs: LONGEST_EXIT_MS })
  }

  /** Blocks until all messages are dealt with, or patience runs out: for `exit`. */
  drain(patience: ExitPatience): void {
    const port = this.#port
    if (port === null) return
    port.postMessage({ type: 'hurry' } satisfies HurryMessage)
    let handled = Atomics.load(this.#handled, 0)
    while (handled < this.#sent && !patience.isOver) {
      const before = handled
      patience.wait((ms) => void Atomics.wait(this.#handled, 0, before, ms))
      const now = Atomics.load(this.#handled, 0)
      if (now !== handled) patience.renew()
      handled = now
    }
    this.#takeAnswers(port)
  }

  /** When all messages are dealt with, or have taken too long: for good. */
  async close(): Promise<void> {
    const until = performance.now() + CLOSING_MS
    do await new Promise((resolve) => void setTimeout(resolve, 20).unref())
    while (Atomics.load(this.#handled, 0) < this.#sent && performance.now() < until)
    this.#isClosed = true
    if (this.#port !== null) this.#takeAnswers(this.#port)
    this.#port?.close()
    this.#port = null
    await this.#worker?.terminate()
  }

  // --- internal ---

  /** That have come, but have not been told of. */
  #takeAnswers(port: MessagePort): void {
    for (;;) {
      const answer = receiveMessageOnPort(port)
      if (answer === undefined) return
      this.#listener.answered(answer.message)
    }
  }

  /** Nothing was handled for long, as on a disk that is stuck: what is sent would pile up. */
  get #isStuck(): boolean {
    const handled = Atomics.load(this.#handled, 0)
    if (handled !== this.#seenHandled || handled === this.#sent) {
      this.#seenHandled = handled
      this.#progressAt = performance.now()
    }
    return performance.now() - this.#progressAt > STUCK_AFTER_MS
  }

  #start({ port1, port2 }: MessageChannel): void {
    this.#handled = new Int32Array(new SharedArrayBuffer(4))
    this.#sent = 0
    try {
      // Neither the app's flags nor its environment (NODE_OPTIONS, preloads) concern this thread.
      const worker = new Worker(PROGRAM, {
        execArgv: [],
        env: {},
        name: 'profview',
        // Else Node would open the app's own and pipe to them.
        stdout: true,
        stderr: true,
        resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
        workerData: { handled: this.#handled, port: port2 },
        transferList: [port2],
      })
      let reason = 'it ended'
      worker.on('error', (error) => {
        reason = error?.message
      })
      worker.on(
        'exit',
        quietly(() => this.#lose(reason)),
      )
      worker.unref()
      port1.on('message', (answer) => quietly(() => this.#listener.answered(answer))())
      port1.unref()
      this.#port = port1
      this.#worker = worker
    } catch (error) {
      port1.close()
      this.#lose((error as Error).message)
    }
  }

  /** With the thread went the windows it kept: what they covered stays unknown. */
  #lose(reason: string): void {
    this.#port?.close()
    this.#port = null
    this.#hasGap = true
    this.#notBefore = performance.now() + RESTART_AFTER_MS
    this.#listener.lost(reason)
  }
}

/** What it runs is where it should be, as far as can be seen. */
export function hasWriter(): boolean {
  try {
    return existsSync(PROGRAM)
  } catch {
    return true
  }
}

/** Throws NO_PROFILER where it will never be started. */
export function requireWriter(): void {
  if (process.permission?.has('worker') === false) {
    throw new ProfviewError('NO_PROFILER', 'this process may start no threads (--allow-worker)')
  }
  if (!hasWriter()) throw new ProfviewError('NO_PROFILER', BUNDLED)
}

// --- internal ---

const BUNDLED =
  'its files are not where it runs: an app that is bundled has to leave it out, ' +
  'as an external package (esbuild: --external:profview; webpack: externals)'
const PROGRAM = new URL('./writer-worker.js', import.meta.url)

/**
 * How long an exit waits for a thread that does nothing, for one that does not run yet, and for
 * hundreds of dumps, ms. One takes 10–25 ms, 65–105 with the start of the thread.
 */
const EXIT_MS = 50
const COLD_EXIT_MS = 150
const LONGEST_EXIT_MS = 3000

const CLOSING_MS = 10_000
const RESTART_AFTER_MS = 10_000
const STUCK_AFTER_MS = 10_000
