/** Who waited for a stall, by the clocks of clients and of the app. */
import type { Profile } from '../../../src/profile/profile.js'
import type { Case } from './judge.js'
import type { Asking, Stretch } from './program.js'

const LISTED = 20
/** Whoever waited less may be left out, µs. */
const NOTICED = 20_000
/** Clocks of two processes, the way of a packet, a handler's own beginning; µs. */
const CLOCKS = 8_000

/** Of a request that has nothing left to do but to end, µs. */
const SOON = 20_000

/** In the backlog, µs. */
const AFTERWARDS = 150_000

/** It waited so long at least, and at most: µs. */
interface Waited {
  readonly title: string
  readonly least: number
  readonly most: number
  /** Where it is not known when it could go on. */
  readonly longest: number
}

export function untruthsOfDelayed(stretch: Stretch, stall: Profile, the: Case): string[] {
  const { stall: told, startedAt } = stall.sources[0]!
  const { delayed, delayedCount } = told!
  // What else the loop did before it looked again may have come first.
  const busyFrom = Math.min(stretch.start, Date.parse(startedAt) * 1000 - the.log.epoch)
  const waited = the.asked.flatMap((asking) => waitOf(asking, stretch, busyFrom, the))
  const possible = waited.filter(({ most }) => most > -CLOCKS)
  const sure = waited.filter(({ least }) => least > NOTICED)
  const slack = CLOCKS + 2 * the.interval * 1000 + stretch.delay * 0.25
  const wrong: string[] = []
  if (delayedCount < sure.length || delayedCount > possible.length)
    wrong.push(`${delayedCount} waited, in truth ${sure.length} to ${possible.length}`)
  if (delayed.length !== Math.min(LISTED, delayedCount)) wrong.push(`${delayed.length} are listed`)
  delayed.forEach(({ title, micros, leastMicros = 0 }, i) => {
    const truth = possible.find((each) => each.title === title)
    if (!truth) wrong.push(`${title} ${ms(micros)} did not wait`)
    else if (
      micros < truth.least - slack ||
      leastMicros > truth.most + slack ||
      micros > truth.longest + slack
    )
      wrong.push(
        `${title} ${ms(leastMicros)} to ${ms(micros)}, in truth ${ms(truth.least)} to ${ms(truth.most)}`,
      )
    if (leastMicros > micros) wrong.push(`${title} ${ms(leastMicros)} to ${ms(micros)}`)
    if (i > 0 && micros > delayed[i - 1]!.micros) wrong.push(`${title} is out of order`)
  })
  const shortest = delayed.at(-1)?.micros ?? 0
  for (const { title, least } of sure) {
    if (delayed.some((each) => each.title === title)) continue
    if (delayed.length < LISTED || least > shortest + slack)
      wrong.push(`${title} ${ms(least)} is not there`)
  }
  return wrong
}

// --- internal ---

/** Sent while the loop could not look, or there already and ready to go on. */
function waitOf(
  { path, answer }: Asking,
  { start, end }: Stretch,
  busyFrom: number,
  { log }: Case,
): Waited[] {
  const { sent, flushed, received } = answer
  const title = `GET ${path.split('?')[0]}`
  const record = log.requests.find(
    (each) => each.title === title && each.seen >= sent && each.seen <= received,
  )
  if (!record || sent > end + AFTERWARDS || received < start) return []
  // It may as well have been there before: what is said of it is "up to".
  if (sent > end) return [{ title, least: 0, most: 0, longest: record.seen - busyFrom }]
  if (record.seen >= start && record.seen > end)
    return [
      {
        title,
        least: end - Math.max(start, flushed),
        most: record.seen - Math.max(start, sent),
        longest: record.seen - busyFrom,
      },
    ]
  return record.waits
    .filter((wait) => wait.start < end && wait.end > end && wait.ready < end)
    .map((wait) => ({
      title,
      // One that goes on later, and is not recorded, is not seen to.
      least: record.ended - wait.end < SOON ? end - Math.max(start, wait.ready) : 0,
      most: wait.end - Math.max(start, wait.ready),
      longest: wait.end - Math.max(busyFrom, wait.start),
    }))
}

function ms(micros: number): string {
  return `${(micros / 1000).toFixed(1)} ms`
}
