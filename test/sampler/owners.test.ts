/** How long Node's methods stay patched after those who needed it. */
import { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Owners } from '../../src/sampler/async/owners.js'
import type { Runner } from '../../src/sampler/async/runner.js'
import { setClocks } from '../../src/sampler/clock.js'

test('requests soon after each other find the same methods; long after them Node’s are back', () => {
  let at = 0
  onTestFinished(setClocks({ now: () => at, epochNow: () => at }))
  const methods = () => Object.getOwnPropertyDescriptors(Socket.prototype)
  const before = methods()
  const owners = new Owners(
    {} as Runner,
    () => null as never,
    () => null,
  )
  const follow = () => {
    owners.acquire(at)
    const patched = methods()
    owners.release()
    return patched
  }
  const first = follow()
  expect(first).not.toEqual(before)
  at += 900
  owners.tidy()
  expect(follow()).toEqual(first)
  at += 900
  owners.tidy()
  expect(methods()).toEqual(first)
  owners.acquire(at)
  at += 60_000
  owners.tidy()
  expect(methods()).toEqual(first)
  owners.release()
  at += 1_100
  owners.tidy()
  expect(methods()).toEqual(before)
})
