/** Logical call chains from captured stacks, and how many are captured. */
import { beforeEach, describe, expect, test } from 'vitest'
import { captureStack, chainOf, renewCaptures, Wait } from '../../src/sampler/async/waits.js'
import { namesOf, newStacks, recordingOf, SetClock, waitOf } from '../support/sampler-parts.js'

/** The chain of the last of these waits, each created in a callback of the one before. */
function chainOfPaths(...paths: string[]): string {
  const stacks = newStacks()
  const recording = recordingOf(1)
  let wait: Wait | null = null
  for (const path of paths) wait = waitOf(recording, wait, path)
  return namesOf(stacks, chainOf(wait!, stacks))
}

describe('a chain is continued', () => {
  test.each<[string, string[], string]>([
    ['by nothing, where there is no stack', ['app handler', ''], 'app › handler'],
    [
      'below all of it, where nothing matches',
      ['app handler', 'callback'],
      'app › handler › callback',
    ],
    [
      'at the awaiting caller that both know, with the plain functions between two of them',
      ['app route handler› helper loadUser› query', 'handler› loadUser› save'],
      'app › route › handler › helper › loadUser › save',
    ],
    [
      'where the path begins, dropping what has returned meanwhile',
      ['app handler› parse check', 'handler› save'],
      'app › handler › save',
    ],
    [
      'without leaping over a function that awaits',
      ['app handler› load› query› row', 'handler› row'],
      'app › handler › row',
    ],
    [
      'by the same path again, without growing',
      ['app handler› loop›', 'handler› loop›', 'handler› loop›'],
      'app › handler › loop',
    ],
    [
      'through a recursion, level by level',
      ['app walk› walk›', 'walk› walk› walk›'],
      'app › walk › walk › walk',
    ],
    [
      'through a callback of Node, which is no caller that the user wrote',
      ['app handler', 'node:events#emit node:net#onRead parse node:stream#push'],
      'app › handler › parse',
    ],
  ])('%s', (_how, paths, chain) => {
    expect(chainOfPaths(...paths)).toBe(chain)
  })

  test('of Node’s functions at the end, the outermost is what the app called', () => {
    const stacks = newStacks()
    const recording = recordingOf(1)
    const read = waitOf(recording, null, 'app node:fs#readFile node:internal/fs/promises#open')
    const inside = waitOf(recording, read, '')
    chainOf(inside, stacks)
    const told = ({ api, knowsPlace }: Wait) => ({ api, knowsPlace })
    expect([read, inside].map(told)).toEqual([
      { api: 'readFile', knowsPlace: true },
      { api: 'readFile', knowsPlace: false },
    ])
  })

  test('without recursion, however long it is', () => {
    const stacks = newStacks()
    const recording = recordingOf(1)
    const first = waitOf(recording, null, 'app handler›')
    let last = first
    for (let i = 0; i < 100_000; i++) last = new Wait(recording, last)
    expect(namesOf(stacks, chainOf(last, stacks))).toBe('app › handler')
    // What has been read is let go of.
    expect([first.stack, last.parent]).toEqual([undefined, null])
  })
})

describe('captures', () => {
  beforeEach(() => renewCaptures())

  /** Tries to capture so many; how many were, and how many were left out. */
  function capture(recording: ReturnType<typeof recordingOf>, count: number) {
    const before = { captured: recording.captured, skipped: recording.skipped }
    for (let i = 0; i < count; i++) captureStack(new Wait(recording, null))
    return [recording.captured - before.captured, recording.skipped - before.skipped]
  }

  test('256 are free, later ones are earned: two a millisecond', () => {
    const clock = new SetClock()
    clock.at = 50
    const recording = recordingOf(1, 50)
    expect(capture(recording, 300)).toEqual([257, 43])
    clock.at = 60
    expect(capture(recording, 300)).toEqual([20, 280])
    clock.at = 60.5
    expect(capture(recording, 300)).toEqual([1, 299])
    clock.at = 1050
    expect(capture(recording, 3000)).toEqual([1979, 1021])
  })

  test('of all recordings together, 4,000 a window', () => {
    const clock = new SetClock()
    clock.at = 10_000
    const [one, other] = [recordingOf(1), recordingOf(2)]
    expect([capture(one, 3000), capture(other, 3000)]).toEqual([
      [3000, 0],
      [1000, 2000],
    ])
    renewCaptures()
    expect(capture(other, 10)).toEqual([10, 0])
  })

  test('one that was left out has no stack', () => {
    new SetClock()
    const recording = recordingOf(1)
    capture(recording, 257)
    const wait = new Wait(recording, null)
    captureStack(wait)
    expect([wait.hasStack, wait.stack]).toEqual([false, undefined])
  })
})
