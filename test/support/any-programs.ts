/** Requests for an event loop of set times, for property tests. */
import fc from 'fast-check'
import type { Program, Step } from './event-loop.js'

/** Quarters of a millisecond: often several things come at the same time. */
const ms = (most: number) => fc.integer({ min: 1, max: most * 4 }).map((quarters) => quarters / 4)

const anyStep = (): fc.Arbitrary<Step> =>
  fc.record({
    wait: fc.constantFrom('timer', 'answer', 'immediate', 'promise'),
    after: ms(30),
    cpu: fc.oneof(ms(3), ms(40)),
    inCallback: fc.boolean(),
  })

const anyFork = (): fc.Arbitrary<Step> =>
  fc
    .tuple(anyStep(), fc.array(fc.array(anyStep(), { maxLength: 2 }), { maxLength: 2 }))
    .map(([step, beside]) => ({ ...step, beside }))

const anyProgram = (id: number, step: () => fc.Arbitrary<Step>): fc.Arbitrary<Program> =>
  fc.record({
    id: fc.constant(id),
    at: ms(80),
    cpu: ms(20),
    steps: fc.array(step(), { maxLength: 5 }),
  })

const programs = (
  least: number,
  most: number,
  step: () => fc.Arbitrary<Step>,
): fc.Arbitrary<Program[]> =>
  fc
    .integer({ min: least, max: most })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => anyProgram(i + 1, step))))

/** Numbered from 1; each waits for one thing at a time. */
export const anyPrograms = (least: number, most: number) => programs(least, most, anyStep)
/** The same of those that may wait for several at once. */
export const anyForks = (least: number, most: number) => programs(least, most, anyFork)
