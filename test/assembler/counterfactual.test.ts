/**
 * What a profile says of a culprit is what its removal would have gained: on event loops of set
 * times, each run with the culprit and again without it.
 *
 * A request that waits for one thing at a time, and for nothing that others make, ends after its
 * own code, its waits, and the delays: while it could have gone on, somebody else ran. So
 *
 *     its time with others − its time alone  =  the sum of its delays
 *
 * With one neighbour the removal gains the delays by that one, to the microsecond. With several it
 * need not: without the one another may run earlier, and so come in between where it did not
 * before (a neighbour that was itself held up, and a timer that now falls into somebody's code);
 * the request may even end later. What is true then is the difference of the two sums: what is
 * said of the one is gained, but for what the others took of its place, which the profile of the
 * run without it says of them. Of what is said "up to" only that it is no less than true.
 *
 * A request that waits for several things at once may have been delayed in one of them for nothing:
 * then the sum is an upper bound, and what is said without "up to" a lower one: but for its own
 * code, which may come in its own way where it did not before.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockedBy } from '../../src/analysis/blame.js'
import { costsToOthers } from '../../src/analysis/cost-to-others.js'
import type { Profile } from '../../src/profile/profile.js'
import { boundsOfPart } from '../../src/render/bounds.js'
import { findingsOf } from '../../src/render/findings/findings.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyForks, anyPrograms } from '../support/any-programs.js'
import { NOBODY, type Program } from '../support/event-loop.js'
import { type Look, ObservedLoop, titleOf } from '../support/observed-loop.js'

/** The request that is looked at. */
const ME = 1
const RUNS = 200
/** Times are rounded to the microsecond, stretch by stretch; ms. */
const ROUNDED = 0.02
/** How far off the neighbours are whose beginnings and ends are known from samples alone, ms. */
const SAMPLED = 3

const HOOKS: Look = { recorded: [ME], alwaysOn: true, labelsAll: false, phase: 0.5 }
const LOOKS: readonly [string, Look, number][] = [
  ['hooks before, samples labelled by them', HOOKS, ROUNDED],
  ['hooks before, all samples labelled', { ...HOOKS, labelsAll: true }, ROUNDED],
  ['neighbours in flight', { ...HOOKS, alwaysOn: false, labelsAll: true }, SAMPLED],
]

/** ms. */
interface Bounds {
  readonly firm: number
  readonly most: number
}

/** What the profile says of each culprit. */
function toldIn(profile: Profile): Map<string, Bounds> {
  const told = blockedBy(profile).map(({ title, micros, upToMicros }): [string, Bounds] => [
    title,
    { firm: (micros - upToMicros) / 1000, most: micros / 1000 },
  ])
  return new Map(told)
}

const NOTHING: Bounds = { firm: 0, most: 0 }

function sumOf(told: Iterable<Bounds>): Bounds {
  const sum = { firm: 0, most: 0 }
  for (const { firm, most } of told) {
    sum.firm += firm
    sum.most += most
  }
  return sum
}

function run(programs: readonly Program[], look: Look) {
  const observed = new ObservedLoop(programs, look)
  const profile = observed.profiles().get(ME)!
  const truth = observed.loop.truths.get(ME)!
  const own = observed.loop.runs.filter(({ of }) => of === ME)
  const ran = own.reduce((sum, { from, to }) => sum + to - from, 0)
  return { profile, told: toldIn(profile), truth, ran, lasted: truth.end - truth.seen }
}

function without(programs: readonly Program[], id: number): Program[] {
  return programs.filter((program) => program.id !== id)
}

/** What the run without a culprit says more of all others. */
function takenByOthers(
  told: ReadonlyMap<string, Bounds>,
  toldWithout: ReadonlyMap<string, Bounds>,
  culprit: string,
): number {
  let taken = 0
  for (const title of new Set([...told.keys(), ...toldWithout.keys()]))
    if (title !== culprit)
      taken += (toldWithout.get(title) ?? NOTHING).most - (told.get(title) ?? NOTHING).firm
  return taken
}

/** The sentences that name a culprit, and what each says at least, ms. */
function namedIn(profile: Profile): { title: string; least: number }[] {
  return findingsOf(profile).flatMap(({ kind, text }) => {
    if (kind !== 'blocked') return []
    const [, upTo, from, to, unit, title] = SENTENCE.exec(text)!
    const scale = UNITS[unit as keyof typeof UNITS]
    // A single number may be a twentieth more than what is sure.
    const least = upTo ? 0 : from ? Number(from) : Number(to) * 0.95
    return [{ title: title!, least: least * scale }]
  })
}
const SENTENCE = /^Blocked (up to )?(?:([\d.]+) to )?([\d.]+) (µs|ms|s) by (.+?)(?:,| in |\.$)/
const UNITS = { µs: 0.001, ms: 1, s: 1000 }
/** Three digits are written, ms of a hundred. */
const WRITTEN = 0.5

function check<Ts extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<Ts>): void {
  fc.assert(property, { numRuns: RUNS })
}

describe.each(LOOKS)('%s', (_name, look, close) => {
  test('each culprit is said to have delayed it for as long as it did', () => {
    check(
      fc.property(anyPrograms(2, 4), (programs) => {
        const { told, truth } = run(programs, look)
        for (const id of [NOBODY, ...programs.map((program) => program.id)]) {
          const { firm, most } = told.get(titleOf(id)) ?? NOTHING
          const delayed = truth.delayedBy.get(id) ?? 0
          expect(firm).toBeLessThanOrEqual(delayed + close)
          expect(most).toBeGreaterThanOrEqual(delayed - close)
        }
      }),
    )
  })

  test('without answers, which may have come before, nothing is said up to', () => {
    check(
      fc.property(anyPrograms(2, 4), (programs) => {
        const waitsForNone = ({ steps }: Program) => steps.every(({ wait }) => wait !== 'answer')
        fc.pre(waitsForNone(programs[0]!))
        const { firm, most } = sumOf(run(programs, look).told.values())
        expect(firm).toBe(most)
      }),
    )
  })

  test('without any, it ends earlier by the sum of what is said', () => {
    check(
      fc.property(anyPrograms(2, 4), (programs) => {
        const { told, lasted } = run(programs, look)
        const gained = lasted - run([programs[0]!], look).lasted
        const { firm, most } = sumOf(told.values())
        expect(gained).toBeGreaterThanOrEqual(firm - close)
        expect(gained).toBeLessThanOrEqual(most + close)
      }),
    )
  })

  test('without one, by what is said of that one, but for what others took of its place', () => {
    check(
      fc.property(anyPrograms(3, 4), (programs) => {
        const { told, lasted } = run(programs, look)
        for (const { id } of programs.slice(1)) {
          const other = run(without(programs, id), look)
          const { firm } = told.get(titleOf(id)) ?? NOTHING
          const taken = takenByOthers(told, other.told, titleOf(id))
          expect(lasted - other.lasted).toBeGreaterThanOrEqual(firm - taken - close)
        }
      }),
    )
  })

  test('the only neighbour that a sentence names made it slower by so much', () => {
    let named = 0
    check(
      fc.property(anyPrograms(2, 2), (programs) => {
        const { profile, lasted } = run(programs, look)
        const gained = lasted - run([programs[0]!], look).lasted
        for (const { title, least } of namedIn(profile)) {
          if (least === 0) continue
          if (title === titleOf(2)) named++
          expect(gained).toBeGreaterThanOrEqual(least - close - WRITTEN)
        }
      }),
    )
    expect(named).toBeGreaterThan(0)
  })
})

/** What each request cost the others, by the others' profiles; `but` is no victim. */
function costsIn(programs: readonly Program[], but: number): Map<string, Bounds> {
  const observed = new ObservedLoop(programs, { ...HOOKS, recorded: programs.map(({ id }) => id) })
  const costs = costsToOthers(mergeProfiles(observed.profiles().values()))
  return new Map(
    costs.map(({ culprit, victims }) => {
      const others = victims.filter(({ route }) => route !== titleOf(but))
      const each = others.map(({ micros, upToMicros }) => {
        return { firm: (micros - upToMicros) / 1000, most: micros / 1000 }
      })
      return [culprit, sumOf(each)]
    }),
  )
}

/** How long all but one took, ms. */
function lastedWithout(programs: readonly Program[], but: number): number {
  const { truths } = new ObservedLoop(programs, HOOKS).loop
  let sum = 0
  for (const [id, { seen, end }] of truths) if (id !== but) sum += end - seen
  return sum
}

test('while it waits for several things at once, what is said is no more than would be gained', () => {
  check(
    fc.property(anyForks(2, 3), (programs) => {
      const { told, lasted, ran } = run(programs, HOOKS)
      const gained = lasted - run([programs[0]!], HOOKS).lasted
      expect(gained).toBeGreaterThanOrEqual(sumOf(told.values()).firm - ran - ROUNDED)
    }),
  )
})

test('without one, the others end earlier by what it cost them, but for what they took', () => {
  check(
    fc.property(anyPrograms(2, 4), (programs) => {
      for (const { id } of programs) {
        const rest = without(programs, id)
        const costs = costsIn(programs, id)
        const { firm } = costs.get(titleOf(id)) ?? NOTHING
        const taken = takenByOthers(costs, costsIn(rest, id), titleOf(id))
        const gained = lastedWithout(programs, id) - lastedWithout(rest, id)
        expect(gained).toBeGreaterThanOrEqual(firm - taken - ROUNDED)
      }
    }),
  )
})

test('whom it is said to have queued behind kept it from being seen, and for so long', () => {
  check(
    fc.property(anyPrograms(2, 4), fc.boolean(), (programs, labelsAll) => {
      const { profile, truth } = run(programs, { ...HOOKS, labelsAll })
      const { minMicros, maxMicros, by } = profile.sources[0]!.queued!
      const queued = truth.seen - truth.came
      expect(minMicros / 1000).toBeLessThanOrEqual(queued + ROUNDED)
      if (maxMicros === null) return
      expect(maxMicros / 1000).toBeGreaterThanOrEqual(queued - ROUNDED)
      for (const { title, micros } of by) {
        const id = Number(title.replace(/^GET ./, ''))
        if (Number.isNaN(id)) continue
        const { min } = boundsOfPart(micros, { min: minMicros, max: maxMicros })
        expect(min / 1000).toBeLessThanOrEqual((truth.queuedBehind.get(id) ?? 0) + SAMPLED)
      }
    }),
  )
})
