import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildCallTree } from '../../src/profile/calltree.js'
import { checkProfile } from '../../src/profile/check.js'
import { withoutOrder } from '../../src/transform/sum-by-stack.js'
import { anyProfile } from '../support/arbitrary.js'

test('leaves every call its time, in one sample for each stack and label set', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const summed = checkProfile(withoutOrder(profile))
      expect(summed.timeline).toBe(false)
      expect(buildCallTree(summed).total).toEqual(buildCallTree(profile).total)
      const { stack, labelSet } = summed.samples
      const pairs = Array.from(stack, (each, i) => `${each} ${labelSet[i]}`)
      expect(new Set(pairs).size).toBe(pairs.length)
    }),
  )
})
