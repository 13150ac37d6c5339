/** Whose each sample is, by what its slot was; samples come when the test says. */
import { expect, test } from 'vitest'
import { SlotNotes } from '../../src/sampler/slot-notes.js'

/** Labels by name; the slot and the samples as the add-on has them. */
function scene() {
  let slot = Number.NaN
  let sampled = 0
  let sets = 0
  let atSetting = () => {}
  const taken: { readonly slot: number; readonly truth: number }[] = []
  let waiting: typeof taken = []
  let runs = 0
  const notes = new SlotNotes(
    () => sampled,
    (number) => {
      atSetting()
      sets++
      slot = number
    },
  )
  const sample = () => {
    sampled++
    waiting.push({ slot, truth: runs })
  }
  return {
    notes,
    sample,
    sets: () => sets,
    runs(label: number) {
      notes.switchTo(label)
      runs = label
    },
    /** Once, when the slot is set next. */
    atSetting(fn: () => void) {
      atSetting = () => {
        atSetting = () => {}
        fn()
      }
    },
    /** Whose the samples are, and whose they are by their slots. */
    take(between = () => {}) {
      const ownerOf = notes.take()
      between()
      const all = waiting.map(({ slot, truth }) => ({ truth, label: ownerOf(slot) ?? 0 }))
      waiting = []
      return all
    },
  }
}

test('a sample is of who ran when it was taken, however many switches follow', () => {
  const { runs, sample, take } = scene()
  runs(1)
  runs(2)
  sample()
  runs(1)
  sample()
  sample()
  runs(3)
  runs(1)
  runs(0)
  sample()
  expect(take()).toEqual([2, 1, 1, 0].map((id) => ({ truth: id, label: id })))
})

test('the slot is set when a sample was taken, and not at each switch', () => {
  const { runs, sample, sets, take } = scene()
  const before = sets()
  for (let i = 0; i < 1000; i++) {
    if (i % 100 === 0) sample()
    runs(i % 7)
  }
  expect(sets() - before).toBe(10)
  take()
})

test('windows follow each other without a seam', () => {
  const { runs, sample, take, notes } = scene()
  runs(1)
  sample()
  const between = () => sample()
  expect(take(between)).toEqual([1, 1].map((id) => ({ truth: id, label: id })))
  sample()
  runs(2)
  expect(notes.running).toBe(2)
  sample()
  expect(take()).toEqual([1, 2].map((id) => ({ truth: id, label: id })))
  expect(take()).toEqual([])
})

test('a sample that comes while the slot is being set is of who ran before', () => {
  const { runs, sample, take, atSetting } = scene()
  runs(1)
  sample()
  atSetting(sample)
  runs(2)
  runs(3)
  expect(take()).toEqual([1, 1].map((id) => ({ truth: id, label: id })))
})

test('what the signal could not read is nobody’s', () => {
  const { notes } = scene()
  notes.switchTo(5)
  expect(notes.take()(undefined)).toBeNull()
})

test('many switches and samples at random', () => {
  const { runs, sample, take } = scene()
  // A generator of its own: the same numbers each time.
  let state = 7
  const random = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 300; i++) {
      if (random(4) === 0) sample()
      else runs(random(24))
    }
    const all = take()
    expect(all.map(({ label }) => label)).toEqual(all.map(({ truth }) => truth))
  }
})
