/** A profile against the clock of the request itself: what is not true of it, in words. */
import type { Micros } from '../../src/profile/profile.js'
import { paths } from '../support/paths.js'
import type { Burst, Clocked, Log, Recorded, Wait } from './truth.js'

/** By how much a time may be wrong: 2 or 3 % of it, or 3 ms. */
const LEAST = 3_000
const OWN = 0.02
const BLOCKED = 0.03
const IN_PLACE = 0.99
/** What the machine takes is told by samples, and it takes samples, too: so much is missed. */
const TAKEN = 0.25
const GC = '(garbage collector)'
const BUSY_FUNCTION = /^(own|crowd)_/

/** All that a profile of a request may be asked for, whatever it did. */
export function untruths(recorded: Recorded): string[] {
  return [ofOwnTime, ofOffCpu, ofWaits, ofBlocked].flatMap((judge) => judge(recorded))
}

/**
 * Own functions have the CPU time that they clocked, and nobody else's are among them. Is the
 * request alone, all its CPU time is at most the thread's. While garbage is collected the thread
 * also waits for V8's other threads, on a busy machine for long: how much of that was CPU time
 * nobody clocked.
 */
export function ofOwnTime({ profile, clocked, log }: Recorded): string[] {
  const { id } = clocked
  let own = 0
  let collecting = 0
  let foreign = 0
  const others = new Set<string>()
  for (const { names, micros } of paths(profile)) {
    if (names.includes('[blocked]')) continue
    const isComputing = !/^\[(await|off-CPU|profiler|unknown)\]/.test(names.at(-1)!)
    if (names.includes(id) && names.at(-1) === GC) collecting += micros
    else if (names.includes(id) && isComputing) own += micros
    const other = names.find((name) => BUSY_FUNCTION.test(name) && name !== id)
    if (other === undefined) continue
    foreign += micros
    others.add(other)
  }
  const mine = log.bursts.filter(({ name }) => name === id)
  const truth = sum(mine.map(({ cpu }) => cpu))
  const { delay } = clocked
  const slack = tolerance(truth, OWN) + delay * TAKEN
  const wrong: string[] = []
  if (own > truth + slack || own + collecting < truth - slack)
    wrong.push(`own CPU ${ms(own)} and ${ms(collecting)} of gc, in truth ${ms(truth)}`)
  if (foreign > 0) wrong.push(`foreign CPU ${ms(foreign)} of ${[...others].join(', ')}`)
  const { cpu, gc } = profile.sources[0]!.ledger
  if (cpu + gc < truth - slack)
    wrong.push(`cpu and gc ${ms(cpu + gc)}, in truth at least ${ms(truth)}`)
  const most = clocked.threadCpu - cpuIn(othersOf(log.bursts, clocked), clocked)
  if (cpu > most + tolerance(most, OWN) + delay * TAKEN)
    wrong.push(`cpu ${ms(cpu)}, in truth at most ${ms(most)}; the machine took ${ms(delay)}`)
  return wrong
}

/**
 * Waits hang under the functions that waited. Where it waited before its handler or after it, and
 * for the machine, is not asked.
 */
export function ofWaits({ profile, clocked, log }: Recorded): string[] {
  const waiters = new Set(clocked.waits.map(({ by }) => by))
  let all = 0
  let inPlace = 0
  const elsewhere = new Map<string, Micros>()
  for (const { names, micros } of paths(profile)) {
    const at = names.findIndex((name) => name.startsWith('[await]'))
    if (at === -1) continue
    all += micros
    if (names.slice(0, at).some((name) => waiters.has(name))) inPlace += micros
    else {
      const place = names.slice(Math.max(0, at - 2), at + 1).join(' > ')
      elsewhere.set(place, (elsewhere.get(place) ?? 0) + micros)
    }
  }
  const outside = unclocked({ profile, clocked })
  const most = Math.max(all * (1 - IN_PLACE), LEAST) + outside + unclockedDelay(clocked, log)
  if (all - inPlace <= most) return []
  const places = [...elsewhere].map(([place, micros]) => `${place} ${ms(micros)}`)
  return [`of ${ms(all)} waits not in place: ${places.join('; ')}`]
}

/**
 * Blocked is what others did since a wait could have been over: where that is known, no less and
 * no more; elsewhere it may have been over as soon as the loop had last looked, never earlier. What
 * others did unclocked (a driver, a framework, the engine) may count as well, and all that the
 * request did not clock.
 */
export function ofBlocked({ profile, clocked, log }: Recorded): string[] {
  const { ledger, awaits } = profile.sources[0]!
  const { blocked } = ledger
  const { seen, ended, delay } = clocked
  const others = othersOf(log.bursts, clocked)
  const mine = log.bursts.filter(({ name }) => name === clocked.id)
  const notMine = (from: number, to: number) => Math.max(0, to - from) - overlap(mine, from, to)
  // Where awaits are not followed, nobody knows for what it waited.
  const waits = clocked.waits.map((wait) => ({ ...wait, exact: wait.exact && awaits }))
  const exact = waits.filter((wait) => wait.exact)
  const least = sum(exact.map(({ ready, end }) => overlap(others, ready, end)))
  const most = sum(
    waits.map((wait) => {
      const since = busySince(wait, log)
      return notMine(since, wait.end) - sleptIn(log, since, wait.end)
    }),
  )
  const between = notMine(seen, ended) - sum(waits.map(({ start, end }) => notMine(start, end)))
  const wrong: string[] = []
  if (blocked < least - tolerance(least, BLOCKED) - delay * TAKEN)
    wrong.push(`blocked ${ms(blocked)}, in truth at least ${ms(least)}`)
  if (blocked > most + between + tolerance(most, BLOCKED) + delay * TAKEN)
    wrong.push(`blocked ${ms(blocked)}, in truth at most ${ms(most)} and ${ms(between)} unclocked`)
  return wrong
}

/**
 * Off-CPU is what functions took longer than they had the CPU, but for collecting garbage, and
 * where they waited it hangs below them. The machine may have taken the CPU elsewhere, too, also
 * before the handler and after it.
 */
export function ofOffCpu({ profile, clocked, log }: Recorded): string[] {
  const { id, stops, delay } = clocked
  const mine = [...log.bursts.filter(({ name }) => name === id), ...stops]
  const taken = (bursts: readonly Burst[]) =>
    sum(bursts.map(({ start, end, cpu }) => end - start - cpu))
  const { offcpu, gc } = profile.sources[0]!.ledger
  const [least, most] = [taken(mine), taken(mine) + delay + unclocked({ profile, clocked })]
  const wrong: string[] = []
  if (offcpu + gc < least - tolerance(least, OWN) - delay * TAKEN)
    wrong.push(`off-CPU ${ms(offcpu)} and gc ${ms(gc)}, in truth at least ${ms(least)}`)
  if (offcpu > most + tolerance(most, OWN) + delay * TAKEN)
    wrong.push(`off-CPU ${ms(offcpu)}, in truth at most ${ms(most)}`)
  for (const stop of stops) {
    let below = 0
    for (const { names, micros } of paths(profile))
      if (names.includes(stop.name) && names.at(-1) === '[off-CPU]') below += micros
    if (below < taken([stop]) - tolerance(taken([stop]), OWN) - delay * TAKEN)
      wrong.push(`off-CPU in ${stop.name} ${ms(below)}, in truth ${ms(taken([stop]))}`)
  }
  return wrong
}

/** Truths about a request, for a test to make sure that what it is about did happen. */
export function blockedInTruth({ clocked, log }: Recorded): Micros {
  const others = othersOf(log.bursts, clocked)
  return sum(clocked.waits.map(({ ready, end }) => overlap(others, ready, end)))
}

// --- internal ---

/**
 * Since when the loop may have done nothing but what held up the end of the wait. Is it not exactly
 * known, the loop had looked before that without finding what was waited for: it does so once
 * between two check phases, and it sleeps only when it has looked and there was nothing. A timer,
 * though, may be due and the loop sleep a millisecond: Node asks for no less when it sets the next.
 */
function busySince({ start, ready, exact, inParts, end }: Wait, log: Log): number {
  if (inParts) return start
  if (exact) return Math.max(start, ready)
  const looked = log.checks.filter(({ at }) => at <= ready).at(-2)?.at ?? 0
  const marks = marksOf(log, 0, end)
  const woke = marks.findLast(({ idle }, i) => i > 0 && idle > marks[i - 1]!.idle)
  return Math.max(start, looked, woke?.start ?? 0)
}

/** For how long the loop has slept between the first of what was clocked in a time and the last. */
function sleptIn(log: Log, from: number, to: number): Micros {
  const marks = marksOf(log, from, to)
  return marks.length === 0 ? 0 : (marks.at(-1)!.idle - marks[0]!.idle) * 1000
}

/** Checks and bursts that were within a time, in order. */
function marksOf({ bursts, checks }: Log, from: number, to: number) {
  return [...checks.map(({ at, idle }) => ({ start: at, end: at, idle })), ...bursts]
    .filter((mark) => mark.start >= from && mark.end <= to)
    .sort((a, b) => a.start - b.start)
}

function overlap(bursts: readonly Burst[], from: number, to: number): Micros {
  return sum(bursts.map(({ start, end }) => Math.max(0, Math.min(end, to) - Math.max(start, from))))
}

/** For how long the request was there before its handler began and after it had ended. */
function unclocked({ profile, clocked }: Pick<Recorded, 'profile' | 'clocked'>): Micros {
  const { durationMicros } = profile.sources[0]!
  return Math.max(0, durationMicros - (clocked.ended - clocked.seen))
}

/** For how long the machine ran others while nobody here was clocked. */
function unclockedDelay({ seen, ended, delay }: Clocked, { bursts }: Log): Micros {
  const clocked = bursts.map(
    (burst) =>
      (overlap([burst], seen, ended) * (burst.end - burst.start - burst.cpu)) /
      (burst.end - burst.start),
  )
  return Math.max(0, delay - sum(clocked))
}

function othersOf(bursts: readonly Burst[], { id }: Clocked): Burst[] {
  return bursts.filter(({ name }) => name !== id)
}

/** CPU time of bursts while the request was there. */
function cpuIn(bursts: readonly Burst[], { seen, ended }: Clocked): Micros {
  return sum(
    bursts.map((burst) => (burst.cpu * overlap([burst], seen, ended)) / (burst.end - burst.start)),
  )
}

function tolerance(truth: Micros, share: number): Micros {
  return Math.max(LEAST, truth * share)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function ms(micros: Micros): string {
  return `${(micros / 1000).toFixed(1)} ms`
}
