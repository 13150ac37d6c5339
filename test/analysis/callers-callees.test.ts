import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CallTime, callersAndCallees } from '../../src/analysis/callers-callees.js'
import { buildFunctionTable } from '../../src/analysis/functions.js'
import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import type { Profile } from '../../src/profile/profile.js'
import { anyProfile } from '../support/arbitrary.js'
import { profileOf } from '../support/trees.js'

/** `caller 3, caller 1+9 > function > callee 2`; `+9` in the way. */
function around(profile: Profile, name: string): string {
  const found = callersAndCallees(
    profile,
    profile.frames.findIndex((frame) => frame.name === name),
  )
  const write = (times: readonly CallTime[]) =>
    times
      .map(({ frame, weight, inTheWay }) => {
        const others = inTheWay === 0 ? '' : `+${inTheWay}`
        return `${profile.frames[frame]!.name} ${weight}${others}`
      })
      .join(', ') || '-'
  return `${write(found.callers)} > ${name} > ${write(found.callees)}`
}

const sumOf = (times: readonly CallTime[], part: 'weight' | 'inTheWay') =>
  times.reduce((sum, time) => sum + time[part], 0)

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

test('what a function did for others is apart', () => {
  const profile = profileOf`
    f;add;g 1
    f;[await] t;[blocked];GET /report;render;add;g 4
    f;[await] t;[blocked];GET /report;f;[await] u 2
    f;[await] t;[blocked];GET /report;f;add 8
    f;[await] t;[blocked] 16
  `
  expect(['add', 'g', 'f', '[blocked]', 'GET /report'].map((f) => around(profile, f))).toEqual([
    'f 1+8, render 0+4 > add > g 1+4',
    'add 1+4 > g > -',
    '(root) 31, GET /report 0+10 > f > [await] t 30, add 1+8, [await] u 0+2',
    '[await] t 30 > [blocked] > GET /report 14',
    '[blocked] 0+14 > GET /report > f 0+10, render 0+4',
  ])
})

test('callers sum to the total, callees and self too, for every function', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const { self, total, inTheWay, inTheWaySelf } = buildFunctionTable(profile)
      const root = profile.stacks.frame[ROOT_STACK]!
      const wrong = profile.frames.filter((_, frame) => {
        const { callers, callees } = callersAndCallees(profile, frame)
        if (frame !== root && sumOf(callers, 'weight') !== total[frame]) return true
        if (sumOf(callers, 'inTheWay') !== inTheWay[frame]) return true
        if (sumOf(callees, 'weight') + self[frame]! !== total[frame]) return true
        if (sumOf(callees, 'inTheWay') + inTheWaySelf[frame]! !== inTheWay[frame]) return true
        // Only a `[blocked]` leads from own time to what is in the way.
        const isOwn = (each: CallTime) => each.frame === frame
        return sumOf(callers.filter(isOwn), 'weight') + sumOf(callees.filter(isOwn), 'inTheWay') > 0
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
