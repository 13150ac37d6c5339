/** Variants take short turns, so that what else the machine does hits all alike. */
import { setTimeout as sleep } from 'node:timers/promises'
import { summary } from './statistics.mjs'

/** What `measure` gave for each variant, round by round; the order changes from round to round. */
export async function turnAbout(variants, rounds, measure) {
  const found = Object.fromEntries(Object.keys(variants).map((name) => [name, []]))
  const names = Object.keys(variants)
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      found[name].push(await measure(variants[name], name))
    }
  }
  return found
}

/**
 * What `measure` finds in processes that are started anew each time: where V8 has put the code
 * makes more of a difference than all turns of one process. Returns a function that summarizes what
 * a comparison says of each.
 */
export async function afresh(count, measure) {
  const found = []
  for (let i = 0; i < count; i++) found.push(await measure())
  return (compare) => summary(found.map((turns) => compare(turns).value))
}

/** By how much `some` are more than `others`, pair by pair. */
export function more(some, others, per = 1) {
  return summary(some.map((value, i) => (value - others[i]) / per))
}

/** How many times `others` `some` are, pair by pair. */
export function times(some, others) {
  return summary(some.map((value, i) => value / others[i]))
}

/**
 * The CPU time of a server and of its app's thread for each request of one turn, µs; with what
 * comes of them in so many ms after it.
 */
export async function cpuOfTurn({ ask, client, typical }, ms, perSecond, afterMs = 0) {
  const before = await ask('usage')
  const { count, perSecond: reached } = await client.load(typical, ms, perSecond)
  if (afterMs > 0) await sleep(afterMs)
  const after = await ask('usage')
  return {
    cpu: (after.cpuMicros - before.cpuMicros) / count,
    thread: (after.threadMicros - before.threadMicros) / count,
    reached,
  }
}
