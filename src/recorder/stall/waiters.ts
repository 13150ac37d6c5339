/**
 * Requests that may have waited while the loop did not look: those that came meanwhile, and those
 * under way that could end only then.
 */

import type { BusySpan } from '../../sampler/busy-spans.js'
import { now } from '../../sampler/clock.js'
import type { Arrival } from '../../sampler/connection.js'
import type { Past } from '../../sampler/past.js'
import { type LateEnd, type Queueing, queueingOf, type Waiter } from '../../sampler/queue-bound.js'
import type { Passing } from '../../sampler/recording.js'
import { newId } from '../../store/dump-name.js'
import { type ArrivalAsker, cameAlone } from '../arrival.js'
import type { IncomingRequest } from '../request.js'

/** A request, recorded or not. */
export type Someone = Pick<Passing, 'id' | 'startedAt' | 'title'>

export class Waiters {
  readonly #past: Past
  readonly #arrivals: Pick<ArrivalAsker, 'ask'>
  readonly #stallMs: number
  readonly #onSeen: () => void
  readonly #came = new Map<Someone, Came>()
  #ended: Ended[] = []
  /** When one that had waited was last seen. */
  seenAt = Number.NEGATIVE_INFINITY
  /** Of the backlog that is being seen. */
  #asked = 0

  /** `onSeen`: there is one more. */
  constructor(
    past: Past,
    arrivals: Pick<ArrivalAsker, 'ask'>,
    stallMs: number,
    onSeen: () => void,
  ) {
    this.#past = past
    this.#arrivals = arrivals
    this.#stallMs = stallMs
    this.#onSeen = onSeen
  }

  get isEmpty(): boolean {
    return this.#came.size === 0 && this.#ended.length === 0
  }

  /** A request is seen for the first time. */
  comes(who: Someone, request: IncomingRequest, arrival: Seen): void {
    if (this.#came.size >= MOST) return
    const { from, seenAt } = arrival
    if (from !== null && seenAt - from < this.#stallMs / 4) return
    const bound = arrival.bound
    if (from === null && seenAt - this.#past.stalledAt >= SETTLE_MS) return
    // It came while the loop slept, and what the poll brought with it took no time.
    const { sleptMs, thenEndedBy } = bound
    if (sleptMs > 0 && seenAt - thenEndedBy < this.#stallMs / 4) return
    this.seenAt = seenAt
    const came = { title: '', queueing: queueingOf(bound), askedAs: '', cameAlone: false }
    this.#came.set(who, came)
    this.#ask(request, came)
    this.#onSeen()
  }

  /** It has ended: now its name is known, and soon it will not be. */
  over(who: Someone): void {
    const came = this.#came.get(who)
    if (came !== undefined) came.title = who.title()
    const endedAt = now()
    const { turn, stalledAt } = this.#past
    const { checkedAt } = turn
    if (checkedAt !== stalledAt && endedAt - checkedAt < this.#stallMs) return
    const { sleptMs } = turn
    const isAfterwards = checkedAt === stalledAt && sleptMs === 0
    if (!isAfterwards && endedAt - checkedAt - sleptMs < this.#stallMs) return
    if (endedAt - who.startedAt < this.#stallMs / 4 || this.#ended.length >= MOST) return
    const { id: context, startedAt } = who
    this.#ended.push({
      context,
      title: who.title(),
      startedAt,
      endedAt,
      awakeSince: awakeSince(turn),
    })
    this.#onSeen()
  }

  /** Those that waited for its end, or may have. */
  of(span: BusySpan): { readonly waiters: Waiter[]; readonly lateEnds: LateEnd[] } {
    const waiters: Waiter[] = []
    for (const [who, came] of this.#came) {
      const { from, seenAt } = came.queueing
      if ((from ?? span.from) >= span.to || seenAt <= span.from) continue
      waiters.push({ ...came, context: who.id, title: came.title || who.title() })
    }
    const ended = this.#ended.filter((end) => isLate(end, span))
    const lateEnds = ended.map(({ awakeSince: _, ...end }) => end)
    return { waiters, lateEnds }
  }

  /** The backlog that was being seen has drained. */
  drained(): void {
    this.#asked = 0
  }

  /** No stall will be found that they have waited for. */
  forgetBefore(at: number): void {
    this.#ended = this.#ended.filter(({ endedAt }) => endedAt >= at)
    for (const [who, { queueing }] of this.#came) if (queueing.seenAt < at) this.#came.delete(who)
  }

  // --- internal ---

  /** The kernel, when it came. */
  #ask(request: IncomingRequest, came: Came): void {
    if (this.#asked >= MOST_ASKED) return
    this.#asked++
    came.askedAs = newId()
    came.cameAlone = cameAlone(request)
    this.#arrivals.ask(came.askedAs, request, came.queueing)
  }
}

/** The backlog has drained when for so long nobody more has turned out to have waited. */
export const SETTLE_MS = 100

// --- internal ---

/** An `Arrival`, or what is left of one. */
type Seen = Pick<Arrival, 'from' | 'seenAt' | 'bound'>

interface Came {
  title: string
  readonly queueing: Queueing
  askedAs: string
  cameAlone: boolean
}

/** `awakeSince`: from then on the loop had not slept when it ended. */
interface Ended extends LateEnd {
  readonly awakeSince: number
}

/** As far as the last two turns of the loop tell. */
function awakeSince({ checkedAt, checkedBefore, sleptMs, sleptBeforeMs }: Past['turn']): number {
  if (sleptMs > 0) return Number.POSITIVE_INFINITY
  return sleptBeforeMs > 0 ? checkedAt : checkedBefore
}

/** In the stretch, or in what the loop did before it slept again. */
function isLate({ startedAt, endedAt, awakeSince }: Ended, { from, to }: BusySpan): boolean {
  return startedAt < to && endedAt > from && (endedAt <= to || awakeSince <= to)
}

/** More are not told apart. */
const MOST = 1000
/** Of one backlog: each takes up to 0.1 ms of the app's thread. */
const MOST_ASKED = 64
