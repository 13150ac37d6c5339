import { expect, test } from 'vitest'
import { totalWeight } from '../../src/profile/calltree.js'
import { withinLimit } from '../../src/server/selection.js'
import { profileFrom } from '../support/trees.js'

test('sums what is too much for the page, and says so', () => {
  const profile = profileFrom('main;a 3\nmain;b 5\nmain;a 2')
  expect(withinLimit(profile, 3)).toBe(profile)
  const summed = withinLimit(profile, 2)
  expect(summed.timeline).toBe(false)
  expect([...summed.samples.weight]).toEqual([5, 5])
  expect(totalWeight(summed)).toBe(totalWeight(profile))
  expect(summed.warnings).toEqual([
    '3 samples are too many for the page: it shows their sums, without their order in time',
  ])
})
