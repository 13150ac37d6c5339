/** Answers of every kind, with triggers as they fall, are byte for byte those of the bare app. */
import { expect, test } from 'vitest'
import { replay } from './replay.mjs'

test('100 conversations are the same, byte for byte, and profiled', async () => {
  const found = await replay({ seed: 12, until: (conversations) => conversations < 100 })
  expect(found.differences).toEqual([])
  expect(found.conversations).toBe(100)
  expect(found.profiled).toBeGreaterThan(80)
  expect(found.written).toBeGreaterThan(80)
})
