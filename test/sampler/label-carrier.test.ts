/** How labels reach the add-on, which keeps what it is given for as long as its holder lives. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { LabelCarrier } from '../../src/sampler/label-carrier.js'

test('the add-on keeps no object of ours, which would lead to its own holder and stay for ever', () => {
  const given: unknown[] = []
  const profiler = {
    context: undefined,
    createContextHolder(label: unknown) {
      given.push(label)
      return {}
    },
  }
  const labels = new LabelCarrier('frame', profiler, new AsyncLocalStorage())
  const label = { id: 7 }
  labels.run(label, () => labels.run(label, () => expect(labels.current).toBe(label)))
  labels.run(8, () => expect(labels.current).toBe(8))
  expect(given).toEqual([7, 8])
})
