/**
 * A test that leaves a request recording behind would spoil the next one's measurements: it fails
 * instead.
 */
import { afterEach, vi } from 'vitest'

const recorder = Symbol.for('profview.recorder.1')

afterEach(async () => {
  const shared = globalThis as {
    [recorder]?: { readonly sampler: { readonly active: number } } | null
  }
  if (!shared[recorder]) return
  await vi.waitFor(
    () => {
      const active = shared[recorder]?.sampler.active ?? 0
      if (active > 0) throw new Error(`${active} recordings are still active`)
    },
    { timeout: 30_000 },
  )
})
