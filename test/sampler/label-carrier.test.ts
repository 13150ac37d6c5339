/** How labels reach the add-on, which keeps what it is given for as long as its holder lives. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { FrameLabels, type Holder, NOBODY } from '../../src/sampler/label-carrier.js'

test('the add-on keeps no object of ours, which would lead to its own holder and stay for ever', () => {
  const given: unknown[] = []
  const store = new AsyncLocalStorage<Holder | undefined>()
  const profiler = {
    get context() {
      return store.getStore()?.label
    },
    createContextHolder(label: number) {
      given.push(label)
      return {}
    },
  }
  const labels = new FrameLabels(profiler, store)
  labels.run(7, () => labels.run(NOBODY, () => expect(labels.current).toBe(NOBODY)))
  labels.run(-8, () => expect(labels.current).toBe(-8))
  expect(given).toEqual([7, -8])
  const whose = { holder: null, answerHolder: null }
  for (const label of [9, -9, 9, -9]) {
    labels.run(label, () => expect(labels.current).toBe(label), whose)
  }
  expect(given).toEqual([7, -8, 9, -9])
})
