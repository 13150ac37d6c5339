import { stat } from 'node:fs'
import { expect, test } from 'vitest'
import { inTime, LATE, PATIENCE_MS } from '../../src/recorder/in-time.js'

test('an answer that is there when a busy loop looks again is in time', async () => {
  const answer = new Promise((resolve) => stat('.', () => resolve('there')))
  const answered = inTime(answer)
  // The file system answers meanwhile; the timer is due as well, and runs first.
  const end = performance.now() + PATIENCE_MS + 100
  while (performance.now() < end);
  expect(await answered).toBe('there')
})

test('what never answers is late', async () => {
  expect(await inTime(new Promise(() => {}))).toBe(LATE)
})
