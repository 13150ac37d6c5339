/** Logical call chains from captured stacks, and how many are captured. */
import { beforeEach, describe, expect, test } from 'vitest'
import { captureStack, heldBy } from '../../src/sampler/async/capture-stack.js'
import { Captures, renewCaptures } from '../../src/sampler/async/captures.js'
import { chainOf, Wait } from '../../src/sampler/async/waits.js'
import { namesOf, newStacks, recordingOf, waitOf } from '../support/sampler-parts.js'

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
    expect([first.captured, last.parent]).toEqual([null, null])
  })
})

test('what goes on by itself is known down to the function that awaited', () => {
  const stacks = newStacks()
  const recording = recordingOf(1)
  const handler = waitOf(recording, null, 'app handler›')
  const late = waitOf(
    recording,
    handler,
    'handler› node:internal/process/task_queues#run load save',
  )
  late.isLate = true
  // What it has called since then has not waited.
  expect(namesOf(stacks, chainOf(late, stacks))).toBe('app › handler › load')
})

describe('captures', () => {
  beforeEach(() => renewCaptures())

  /** Tries so many; how many can be afforded. */
  function afford(captures: Captures, count: number, isAwait = true): number {
    let afforded = 0
    for (let i = 0; i < count; i++) if (captures.take(isAwait)) afforded++
    return afforded
  }

  test('of a request, 32 awaits and 256 others; a pause brings back 8, and 2 a millisecond', () => {
    const captures = Captures.ofRequest()
    expect([afford(captures, 300), afford(captures, 300, false)]).toEqual([32, 256])
    captures.earn(10, 0.05)
    expect([afford(captures, 300), afford(captures, 300, false)]).toEqual([0, 0])
    captures.earn(20, 0.5)
    expect([afford(captures, 300), afford(captures, 300, false)]).toEqual([9, 9])
    captures.earn(30, 1000)
    expect([afford(captures, 300), afford(captures, 300, false)]).toEqual([32, 256])
  })

  test('of a program, by time that passes, whatever runs', () => {
    const captures = Captures.ofProgram()
    captures.earn(100, 0)
    expect(afford(captures, 3000)).toBe(2256)
    captures.earn(110, 0)
    expect(afford(captures, 3000)).toBe(20)
  })

  test('of all together, 4,000 a window', () => {
    const all = Array.from({ length: 20 }, () => Captures.ofRequest())
    const afforded = () => all.map((captures) => afford(captures, 300, false))
    expect(afforded().reduce((sum, each) => sum + each)).toBe(4000)
    renewCaptures()
    expect(afforded().reduce((sum, each) => sum + each)).toBe(20 * 256 - 4000)
  })

  test('one that was left out has no stack, and what it makes continues what it continues', () => {
    const recording = recordingOf(1)
    afford(recording.captures, 32)
    const wait = new Wait(recording, recording.root)
    captureStack(wait, true)
    expect([wait.captured, heldBy(wait)]).toEqual([null, recording.root])
  })

  test('are let go of with their context', () => {
    const recording = recordingOf(1)
    const wait = new Wait(recording, new Wait(recording, recording.root))
    captureStack(wait)
    expect(wait.captured).not.toBeNull()
    recording.letGo()
    expect([wait.captured, wait.parent]).toEqual([null, null])
  })
})
