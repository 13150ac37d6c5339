/** How labels reach the add-on, which keeps what it is given for as long as its holder lives. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { FrameLabels, NOBODY } from '../../src/sampler/label-carrier.js'

test('the add-on keeps no object of ours, which would lead to its own holder and stay for ever', () => {
  const given: unknown[] = []
  const store = new AsyncLocalStorage<object | undefined>()
  const profiler = {
    get context() {
      return (store.getStore() as { label: number }).label
    },
    createContextHolder(label: number) {
      given.push(label)
      return { label }
    },
  }
  const labels = new FrameLabels(profiler, store)
  labels.run(7, () => labels.run(NOBODY, () => expect(labels.current).toBe(NOBODY)))
  labels.run(-8, () => expect(labels.current).toBe(-8))
  expect(given).toEqual([7, -8])
})
