import { narrow, type Queueing } from '../../sampler/queue-bound.js'
import { type LastData, LastDataSource } from './last-data.js'
import type { ArrivalMessage, ArrivalQuestion, FinishMessage } from './messages.js'

/** When requests arrived, by the kernel's word, until their dumps are put together. */
export class Arrivals {
  readonly #source = new LastDataSource()
  readonly #asked = new Map<string, Asked>()

  handle(message: ArrivalMessage): void {
    if (message.type === 'prepare') return this.#source.prepare()
    const { id, question } = message
    this.#asked.set(id, { question, answer: this.#source.ask(question.ports) })
    for (const forgotten of this.#asked.keys()) {
      if (this.#asked.size <= MAX_ASKED) break
      this.#asked.delete(forgotten)
    }
  }

  /**
   * Tells the recording what is known of its arrival, or of its waiters’; takes as long as the
   * kernel’s answers.
   */
  async tell({ recording, cameAlone }: FinishMessage): Promise<void> {
    const { meta, queueing, waiters = [] } = recording
    if (queueing !== null) await this.#note(meta.id, queueing, cameAlone)
    for (const { askedAs, queueing, cameAlone } of waiters)
      await this.#note(askedAs, queueing, cameAlone)
  }

  /** Nobody waits any more. */
  hurry(): void {
    this.#source.close()
  }

  // --- internal ---

  async #note(id: string, queueing: Queueing, cameAlone: boolean): Promise<void> {
    const asked = this.#asked.get(id)
    if (asked === undefined) return
    this.#asked.delete(id)
    const last = await asked.answer
    if (last !== null) noteArrival(queueing, asked.question, last, cameAlone)
  }
}

/** The request came before the connection's last data, or was it. */
export function noteArrival(
  queueing: Queueing,
  { bytesRead, origin }: ArrivalQuestion,
  { earliest, latest, bytes }: LastData,
  isAlone: boolean,
): void {
  const isWhole = isAlone && bytes === bytesRead
  narrow(queueing, isWhole ? earliest - origin : null, latest - origin)
}

// --- internal ---

interface Asked {
  readonly question: ArrivalQuestion
  readonly answer: Promise<LastData | null>
}

/** Questions about requests that have not ended. */
const MAX_ASKED = 1000
