/**
 * The writer, as the profiled thread sees it: messages go to a worker thread, so that neither
 * putting a dump together nor writing it stops the event loop. Where no thread can be started, the
 * work is done here.
 */
import { createRequire } from 'node:module'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Steps } from '../../profile/steps.js'
import { outsideRequests } from '../outside-requests.js'
import type { DumpWriter } from './dump-writer.js'
import { buffersOf, type HurryMessage, type WriterAnswer, type WriterMessage } from './messages.js'

/**
 * At `exit`, the writer gets this long for each thing it was given, unless its dumps are what the
 * process was run for, and for all of them together, ms.
 */
const EXIT_PATIENCE_MS = 2000
const EXIT_LIMIT_MS = 15_000

export class WriterThread {
  readonly #onAnswer: (answer: WriterAnswer) => void
  readonly #onLost: () => void
  readonly #handled = new Int32Array(new SharedArrayBuffer(4))
  #port: MessagePort | null = null
  #local: DumpWriter | null = null
  #sent = 0

  /** `onLost`: messages up to now that are unanswered will stay so. */
  constructor(onAnswer: (answer: WriterAnswer) => void, onLost: () => void) {
    this.#onAnswer = onAnswer
    this.#onLost = onLost
  }

  /** Does what `send` would do first otherwise, in two steps of a millisecond. */
  *start(): Steps<void> {
    if (this.#isStarted) return
    const channel = outsideRequests(() => new MessageChannel())
    yield
    if (!this.#isStarted) outsideRequests(() => this.#start(channel))
    yield
  }

  send(message: WriterMessage): void {
    if (!this.#isStarted) outsideRequests(() => this.#start(new MessageChannel()))
    if (this.#local !== null) {
      if (message.type === 'prepare' || message.type === 'arrival') return
      const answer = this.#local.handle(message)
      if (answer !== null) this.#onAnswer(answer)
      return
    }
    this.#sent++
    this.#port!.postMessage(message, buffersOf(message))
  }

  /**
   * Blocks until all messages are dealt with, or patience runs out: for `exit`. `isAwaited`:
   * somebody waits for the dumps.
   */
  drain(isAwaited: boolean): void {
    const port = this.#port
    if (port === null) return
    port.postMessage({ type: 'hurry' } satisfies HurryMessage)
    const deadline = performance.now() + EXIT_LIMIT_MS
    for (;;) {
      const handled = Atomics.load(this.#handled, 0)
      if (handled >= this.#sent || performance.now() > deadline) break
      const woken = Atomics.wait(this.#handled, 0, handled, EXIT_PATIENCE_MS)
      if (woken === 'timed-out' && !isAwaited) break
    }
    for (;;) {
      const answer = receiveMessageOnPort(port)
      if (answer === undefined) return
      this.#onAnswer(answer.message)
    }
  }

  // --- internal ---

  get #isStarted(): boolean {
    return this.#local !== null || this.#port !== null
  }

  #start({ port1, port2 }: MessageChannel): void {
    try {
      // Neither the app's flags nor its environment (NODE_OPTIONS, preloads) concern this thread.
      const worker = new Worker(new URL('./writer-worker.js', import.meta.url), {
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
      worker.on('error', () => {})
      worker.on('exit', () => this.#lose())
      worker.unref()
      port1.on('message', this.#onAnswer)
      port1.unref()
      this.#port = port1
    } catch {
      port1.close()
      this.#local = createDumpWriter()
    }
  }

  /**
   * The thread is gone, with the windows it kept: what they covered is unknown to recordings still
   * open.
   */
  #lose(): void {
    this.#port?.close()
    this.#port = null
    this.#local = createDumpWriter()
    this.#onLost()
  }
}

const require = createRequire(import.meta.url)

/** Loaded only where there is no thread for it. */
function createDumpWriter(): DumpWriter {
  const loaded: typeof import('./dump-writer.js') = require('./dump-writer.js')
  return new loaded.DumpWriter()
}
