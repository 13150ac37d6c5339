/** What is known at a request's start of how long it has waited to be seen. */

/** Of the loop; ms on the clock of the samples. */
export interface QueueBound {
  /** The process saw it. */
  readonly seenAt: number
  /** It had not come by then; null: no such time is known. */
  readonly from: number | null
  /**
   * How long the loop slept in the poll after that, at its end and at least, ms, and by when that
   * poll had ended.
   */
  readonly thenSleptMs: number
  readonly thenEndedBy: number
  /** What that poll brought was it, or its connection: it came in that sleep, or after it. */
  readonly isOfSleep: boolean
  /**
   * How long the loop slept since its last check phase, at least, ms. Above 0: it came during that
   * sleep.
   */
  readonly sleptMs: number
  /** The last check phase. */
  readonly checkedAt: number
  /** It had come by then; `seenAt` where nothing proves more. */
  readonly cameBy: number
  /**
   * The poll that brought it had brought it before anything else of that turn ran, so that samples
   * of the turn can prove that it waited.
   */
  readonly isOfBatch: boolean
}

/** The same, and what others say of it; they may say so after its end. */
export interface Queueing extends QueueBound {
  /** It had not come by then, by the word of who sent it or of the kernel; null: nobody said. */
  notBefore: number | null
  /** It had come by then, by their word where that is a proof. */
  notAfter: number | null
  /** A proxy had sent it by then. */
  sentByProxy: number | null
  /** Of those slow by the queue alone, others of the same busy stretch that were not kept. */
  othersKeptOut: number
}

/** A request that came while the loop was too busy to look. */
export interface Waiter {
  readonly context: number
  readonly title: string
  readonly queueing: Queueing
  /** What the kernel was asked under; '': it was not. */
  readonly askedAs: string
  /** Nothing else came with it. */
  readonly cameAlone: boolean
}

/** A request under way whose end came as soon as the loop was free again, or while it was not. */
export interface LateEnd {
  readonly context: number
  readonly title: string
  readonly startedAt: number
  readonly endedAt: number
}

/** Each request that may be recalled has one. On Node 20 a spread would take 1 µs longer. */
export function queueingOf(bound: QueueBound): Queueing {
  return {
    seenAt: bound.seenAt,
    from: bound.from,
    thenSleptMs: bound.thenSleptMs,
    thenEndedBy: bound.thenEndedBy,
    isOfSleep: bound.isOfSleep,
    sleptMs: bound.sleptMs,
    checkedAt: bound.checkedAt,
    cameBy: bound.cameBy,
    isOfBatch: bound.isOfBatch,
    notBefore: null,
    notAfter: null,
    sentByProxy: null,
    othersKeptOut: 0,
  }
}

/** Somebody says that it came between the two; null: does not say. */
export function narrow(
  queueing: Queueing,
  notBefore: number | null,
  notAfter: number | null,
): void {
  if (notBefore !== null) queueing.notBefore = Math.max(queueing.notBefore ?? notBefore, notBefore)
  if (notAfter !== null && !isRefuted(notAfter, queueing.from))
    queueing.notAfter = Math.min(queueing.notAfter ?? notAfter, notAfter)
}

/** It had come by then, for sure; `from`: not before that. */
export function cameByOf({ cameBy, notAfter }: Queueing, from: number | null): number {
  return notAfter === null || isRefuted(notAfter, from) ? cameBy : Math.min(cameBy, notAfter)
}

/**
 * How long it has waited, ms, as far as that is known while it runs; null: not long enough to be
 * worth a word. How long a loop slept before it came is known from samples only, which come later.
 */
export function queuedSoFar(
  queueing: Queueing,
): { readonly ms: number; readonly bound: '' | 'up to' | 'at least' } | null {
  const { seenAt, from, sleptMs, isOfSleep, thenEndedBy, notBefore } = queueing
  const isIdle = sleptMs > 0 || (isOfSleep && seenAt - thenEndedBy < WORTH_A_WORD)
  const since = Math.max(isIdle ? NEVER : (from ?? NEVER), notBefore ?? NEVER)
  const least = seenAt - cameByOf(queueing, from)
  const ms = since === NEVER ? least : seenAt - since
  if (ms < WORTH_A_WORD) return null
  if (since === NEVER) return { ms, bound: 'at least' }
  return { ms, bound: ms - least < SAME ? '' : 'up to' }
}

// --- internal ---

const NEVER = Number.NEGATIVE_INFINITY
/** A loop that has nothing else to do may be as late, ms. */
const WORTH_A_WORD = 5
/** From a client's look at its clock to its request, ms. */
const SENDING = 5
/** Two times that differ by less, ms, are one. */
const SAME = 1

/** Whoever says that it had come before the loop looked for it in vain meant to send it then. */
function isRefuted(at: number, from: number | null): boolean {
  return from !== null && at < from - SENDING
}
