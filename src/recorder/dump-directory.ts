/**
 * A directory of dumps, as one thread sees it. Where it has refused a dump it is left alone for a
 * while: nothing is begun for it, so that nobody is given the id of a dump that will not be. Then
 * the writer's thread tries whether it takes one, later each time; no request is needed for that.
 */
import { BackOff } from '../sampler/back-off.js'
import { now } from '../sampler/clock.js'
import { clearTimeout, setTimeout } from '../sampler/node-timers.js'
import { quietly } from '../sampler/quietly.js'
import { whenLeaving } from '../sampler/visit.js'
import { diskAdvice } from './disk-advice.js'
import type { Logger } from './logger.js'
import { outsideRequests } from './outside-requests.js'
import type { LostAnswer, ProbeAnswer, StoreAddress, WriterAnswer } from './writer/messages.js'

export class DumpDirectory {
  readonly #probe: (store: StoreAddress) => void
  readonly #backOff = new BackOff(FIRST_REST_MS, LONGEST_REST_MS)
  #timer: NodeJS.Timeout | null = null
  /** The last one, until a dump has been written. */
  #refused: ProbeAnswer['refused'] = null
  /** What each of those who run a mount has been told last: a code. */
  readonly #told = new Map<Logger, string>()
  #lost = 0
  #notMade = 0

  /** `probe` has the writer's thread try it; there may be no answer. */
  constructor(probe: (store: StoreAddress) => void) {
    this.#probe = probe
  }

  /** Nothing shall be begun for it. */
  get isResting(): boolean {
    return this.#timer !== null
  }

  /** What has become of a dump for this store. */
  answered(answer: WriterAnswer, store: StoreAddress, logger: Logger | undefined): void {
    if ('file' in answer) this.#took(answer.file)
    else if (isRefusal(answer)) {
      this.#lost++
      this.#refused = answer
      if (!this.isResting) this.#rest(store)
      this.#tell(logger)
    }
  }

  /** The answer to a probe. */
  probed({ refused }: ProbeAnswer): void {
    if (refused === null) return this.#wake()
    this.#refused = refused
    for (const logger of this.#told.keys()) this.#tell(logger)
  }

  /** What would have become a dump will not, and who runs its mount is told why. */
  passUp(logger: Logger | undefined): void {
    this.#notMade++
    this.#tell(logger)
  }

  // --- internal ---

  /** Until a probe says that it is over; for a probe without an answer there is the next one. */
  #rest(store: StoreAddress): void {
    const restMs = this.#backOff.failed(now())
    const again = quietly(() => {
      this.#rest(store)
      this.#probe(store)
    })
    this.#timer = outsideRequests(() => setTimeout(again, restMs).unref())
    whenLeaving(() => this.#wake())
  }

  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #took(file: string): void {
    if (this.#refused === null) return
    this.#wake()
    const sums = `${this.#lost} lost, ${this.#notMade} not made`
    const fact = `profview: profiles are written again, as ${file} (meanwhile: ${sums})`
    for (const logger of this.#told.keys()) logger.info(fact)
    this.#told.clear()
    this.#refused = null
    this.#lost = 0
    this.#notMade = 0
  }

  /** In one line, and again where the reason is another. */
  #tell(logger: Logger | undefined): void {
    if (this.#refused === null || logger === undefined) return
    const { error, refusal = '' } = this.#refused
    if (this.#told.get(logger) === refusal) return
    this.#told.set(logger, refusal)
    const fact = `a profile was lost: ${error}: ${diskAdvice(refusal)}`
    logger.warn(`profview: ${fact}. Until that is done, requests are served unprofiled`)
  }
}

// --- internal ---

const FIRST_REST_MS = 1000
const LONGEST_REST_MS = 60_000

function isRefusal(answer: WriterAnswer): answer is LostAnswer {
  return 'error' in answer && answer.refusal !== undefined
}
