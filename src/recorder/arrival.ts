/**
 * What the kernel shall be asked about the connection of a request, by the writer's thread. Nothing
 * but two ports leaves the app's thread.
 */
import type { Steps } from '../profile/steps.js'
import { hrtimeMs, now } from '../sampler/clock.js'
import { setTimeout } from '../sampler/node-timers.js'
import type { Queueing } from '../sampler/queue-bound.js'
import { quietly } from '../sampler/quietly.js'
import { Slices } from '../sampler/slices.js'
import type { IncomingRequest } from './request.js'
import { unnoted } from './socket-ends.js'
import type { ArrivalMessage, ArrivalQuestion } from './writer/messages.js'

/** Asks the kernel, by way of the writer's thread, once that is prepared. */
export class ArrivalAsker {
  readonly #start: () => Steps<void>
  readonly #send: (message: ArrivalMessage) => void
  #isPrepared = false
  #isWanted = false

  /** `start` does what the first message would have to do. */
  constructor(start: () => Steps<void>, send: (message: ArrivalMessage) => void) {
    this.#start = start
    this.#send = send
  }

  /**
   * About the dump with this id. Costs the app's thread 0.02–0.1 ms, and starts nothing: that would
   * hold up the request.
   */
  ask(id: string, request: IncomingRequest, queueing: Queueing | null): void {
    const question = queueing && questionAbout(request, queueing)
    if (question === null) return
    if (this.#isPrepared) this.#send({ type: 'arrival', id, question })
    else this.#isWanted = true
  }

  /**
   * From now on there are answers. Starts the writer's thread, and forks the process once: that
   * stops all threads for 25 µs a megabyte.
   */
  prepare(): void {
    if (this.#isPrepared) return
    this.#isPrepared = true
    if (process.platform !== 'linux') return
    try {
      this.#send({ type: 'prepare' })
    } catch {
      // Then there are no answers.
    }
  }

  /** The same in a while, when the app has started. */
  prepareSoon(): void {
    const slices = new Slices((slice, ms) => void setTimeout(quietly(slice), ms).unref())
    const steps = () => this.#steps()
    setTimeout(
      quietly(() => slices.start(steps())),
      STARTED_MS,
    ).unref()
  }

  /** A dump was handed over: the thread is there, and nobody waits. */
  prepareIfWanted(): void {
    if (!this.#isWanted || this.#isPrepared) return
    this.#isWanted = false
    if (process.memoryUsage.rss() < LARGEST_FORK) this.prepare()
  }

  // --- internal ---

  *#steps(): Steps<void> {
    if (process.platform === 'linux') yield* this.#start()
    this.prepare()
  }
}

/**
 * Null where the answer could tell nothing that is not known. If the loop slept right before, it
 * had nothing to do when the request came, and its samples say so.
 */
export function questionAbout(
  request: IncomingRequest,
  { from, sleptMs, seenAt, notBefore }: Queueing,
): ArrivalQuestion | null {
  const isShort = from !== null && seenAt - Math.max(from, notBefore ?? from) < WORTH_MS
  const isKnown = isShort || (from !== null && sleptMs > 0)
  if (isKnown || process.platform !== 'linux') return null
  const { socket } = request
  const [local, remote] = [unnoted(request, 'localPort'), unnoted(request, 'remotePort')]
  if (local === undefined || remote === undefined) return null
  const { bytesRead } = (socket as MaybeEncrypted)._parent ?? socket
  return { ports: { local, remote }, bytesRead, origin: hrtimeMs() - now() }
}

/**
 * Nothing came with the request or behind it, as far as was seen until its response ended: then the
 * last data of its connection is the request.
 */
export function cameAlone(request: IncomingRequest): boolean {
  const { headers, httpVersionMajor, socket } = request
  if (httpVersionMajor !== 1 || headers['transfer-encoding'] !== undefined) return false
  if ((headers['content-length'] ?? '0') !== '0') return false
  // Of several that came together, Node's parser has the last one here.
  const parser = (socket as Parsed | null)?.parser
  return !!parser && (parser.incoming === request || parser.incoming === null)
}

// --- internal ---

/** The kernel counts what is encrypted, which is the socket's below. */
interface MaybeEncrypted {
  readonly _parent?: { readonly bytesRead: number } | null
}

interface Parsed {
  readonly parser?: { readonly incoming: unknown } | null
}

const STARTED_MS = 1000
/** A process of more bytes is not forked while it serves: others would wait too long for it. */
const LARGEST_FORK = 400_000_000
/** The kernel's word is not better than that, ms. */
const WORTH_MS = 20
