import fc from 'fast-check'
import { expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { rangeOf } from '../../src/transform/range.js'
import { profileFrom } from '../support/trees.js'

const weightsIn = (profile: ReturnType<typeof profileFrom>, from: number, to: number) => {
  const part = checkProfile(rangeOf(profile, { from, to }).profile)
  const names = Array.from(part.samples.stack, (s) => part.frames[part.stacks.frame[s]!]!.name)
  return names.map((name, i) => `${name} ${part.samples.weight[i]}`)
}

test('cuts the samples at its ends', () => {
  const profile = profileFrom('a 3\nb 4\na 2')
  expect(weightsIn(profile, 2, 8)).toEqual(['a 1', 'b 4', 'a 1'])
  expect(weightsIn(profile, 0, 9)).toEqual(['a 3', 'b 4', 'a 2'])
  expect(weightsIn(profile, 4, 5)).toEqual(['b 1'])
  expect(weightsIn(profile, 9, 20)).toEqual([])
})

test('leaves a profile without a timeline alone', () => {
  const merged = profileFrom('a 3', { timeline: false })
  expect(rangeOf(merged, { from: 1, to: 2 }).profile).toBe(merged)
})

test('loses and makes no time', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(weights, fc.array(fc.nat(200), { maxLength: 5 }), (each, cuts) => {
      const profile = profileFrom(each.map((weight, i) => `f${i % 4} ${weight}`).join('\n'))
      const whole = totalWeight(profile)
      const ends = [0, ...cuts.map((cut) => Math.min(cut, whole)).sort((a, b) => a - b), whole]
      const parts = ends
        .slice(1)
        .map((to, i) => totalWeight(rangeOf(profile, { from: ends[i]!, to }).profile))
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole)
    }),
  )
})
