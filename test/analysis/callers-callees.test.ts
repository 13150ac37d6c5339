import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallTime, callersAndCallees } from '../../src/analysis/callers-callees.js'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyProfile } from '../support/arbitrary.js'
import { profileOf } from '../support/trees.js'

/** `caller 3, caller 1 > function > callee 2` */
function around(profile: Profile, name: string): string {
  const found = callersAndCallees(
    profile,
    profile.frames.findIndex((frame) => frame.name === name),
  )
  const write = (times: readonly CallTime[]) =>
    times.map(({ frame, weight }) => `${profile.frames[frame]!.name} ${weight}`).join(', ') || '-'
  return `${write(found.callers)} > ${name} > ${write(found.callees)}`
}

const sum = (times: readonly CallTime[]) => times.reduce((total, { weight }) => total + weight, 0)

test('direct callers and callees, heaviest first', () => {
  const profile = profileOf`
    main;read;parse 3
    main;read;parse;next 2
    main;read 4
    main;write;parse;next 1
    main;write;parse;fail 7
    parse 5
    other 9
  `
  expect(
    ['main', 'read', 'write', 'parse', 'next', 'other'].map((f) => around(profile, f)),
  ).toEqual([
    '(root) 17 > main > read 9, write 8',
    'main 9 > read > parse 5',
    'main 8 > write > parse 8',
    'write 8, (root) 5, read 5 > parse > fail 7, next 3',
    'parse 3 > next > -',
    '(root) 9 > other > -',
  ])
})

test('recursion counts once: the caller of the outermost call, the callee of the innermost', () => {
  const profile = profileOf`
    main;walk;walk;walk 1
    main;walk;walk;leaf 2
    main;walk;visit;walk;leaf 4
    main;walk;visit 8
    main;walk 16
  `
  expect(['walk', 'visit', 'leaf', 'main'].map((f) => around(profile, f))).toEqual([
    'main 31 > walk > visit 8, leaf 6',
    'walk 12 > visit > walk 4',
    'walk 6 > leaf > -',
    '(root) 31 > main > walk 31',
  ])
})

test('callers sum to the total, callees and self too, for every function', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const { self, total } = buildFunctionTable(profile)
      const root = profile.stacks.frame[ROOT_STACK]!
      const wrong = profile.frames.filter((_, frame) => {
        const { callers, callees } = callersAndCallees(profile, frame)
        if (frame !== root && sum(callers) !== total[frame]) return true
        if (sum(callees) + self[frame]! !== total[frame]) return true
        return [...callers, ...callees].some((each) => each.frame === frame)
      })
      expect(wrong).toEqual([])
    }),
  )
})

test('a stack 100,000 deep', () => {
  const builder = new ProfileBuilder()
  const frames = ['even', 'odd'].map((name) =>
    builder.frame({ name, file: '/a.js', line: 1, column: 1 }),
  )
  let stack = ROOT_STACK
  for (let i = 0; i < 100_000; i++) stack = builder.stack(stack, frames[i % 2]!)
  builder.sample(stack, 5)
  const profile = builder.build({ name: 'deep', startMicros: 0, timeline: true })
  expect([around(profile, 'even'), around(profile, 'odd')]).toEqual([
    '(root) 5 > even > odd 5',
    'even 5 > odd > -',
  ])
})
