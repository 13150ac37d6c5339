/** Where V8 says that code stands, as its compiler was told to say. */
import { runInThisContext } from 'node:vm'
import { expect, test } from 'vitest'
import { msWhere } from '../support/recorded.js'
import { recordOnThread } from '../support/thread.js'

test('of code that was compiled with an offset below zero no sample is lost', async () => {
  const code = '(function offset(until) { while (performance.now() < until()); })'
  const options = { filename: '/app/offset.js', lineOffset: -5, columnOffset: -500 }
  const offset = runInThisContext(code, options) as (until: () => number) => void
  const { profile } = await recordOnThread(async () => {
    const end = performance.now() + 100
    offset(() => end)
  })
  const ofCode = msWhere(profile, (names) => names.includes('offset'))
  const [own] = profile.sources
  expect(ofCode).toBeGreaterThan(0)
  expect(ofCode).toBeGreaterThan(0.5 * (own!.ledger.cpu / 1000))
})
