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

/** Short ones, several at once. */
const anyFork = (): fc.Arbitrary<Step> => {
  const quick = anyStep().map((step) => ({ ...step, cpu: 0.25 }))
  return fc
    .tuple(quick, fc.array(fc.array(quick, { maxLength: 2 }), { maxLength: 2 }))
    .map(([step, beside]) => ({ ...step, beside }))
}

const anyProgram = (id: number, step = anyStep): fc.Arbitrary<Program> =>
  fc.record({
    id: fc.constant(id),
    at: ms(80),
    cpu: ms(20),
    steps: fc.array(step(), { maxLength: 5 }),
  })

const after = (first: number, count: number) =>
  fc.tuple(...Array.from({ length: count }, (_, i) => anyProgram(first + i)))

/** Numbered from 1; each waits for one thing at a time. */
export const anyPrograms = (least: number, most: number): fc.Arbitrary<Program[]> =>
  fc.integer({ min: least, max: most }).chain((count) => after(1, count))

/** The same, of which the first may wait for several at once. */
export const anyForks = (least: number, most: number): fc.Arbitrary<Program[]> =>
  fc
    .integer({ min: least, max: most })
    .chain((count) => fc.tuple(anyProgram(1, anyFork), after(2, count - 1)))
    .map(([first, others]) => [first, ...others])
