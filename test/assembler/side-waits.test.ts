/** A delay of one wait while another, asked for before, went on: it may have cost nothing. */
import { describe, expect, test } from 'vitest'
import { ME, OTHER, profileOfScene, type Scene, type SceneSegment } from '../support/scenes.js'

const HOG = { from: 20, to: 50, of: OTHER }

/** `blocked 30, up to 30`, ms. */
function told(...segments: SceneSegment[]): string {
  const ordered = [{ from: 0, to: 1, of: ME }, HOG, ...segments]
  const scene: Scene = { end: segments.at(-1)!.to, segments: ordered, busy: ['report 20-50 8'] }
  const { ledger, blockedUpToMicros } = profileOfScene(scene).sources[0]!
  return `blocked ${ledger.blocked / 1000}, up to ${blockedUpToMicros / 1000}`
}

/** Due at 25, and called at 50; made in the first millisecond. */
const LATE = { from: 50, to: 51, of: ME, ready: 25, task: 50, asked: 0 }
const timer = (ready: number, facts: Partial<SceneSegment> = {}): SceneSegment => {
  return { from: ready, to: ready + 1, of: ME, ready, task: ready, asked: 0, ...facts }
}

describe('a timer that was 25 ms late', () => {
  test('made it slower, where it waited for nothing else', () => {
    expect(told(LATE)).toBe('blocked 25, up to 0')
    expect(told(LATE, timer(90, { asked: 50 }))).toBe('blocked 25, up to 0')
  })

  test('perhaps did not, where it then went on waiting for another made before', () => {
    expect(told(LATE, timer(90))).toBe('blocked 25, up to 25')
  })

  test('nor where that was there, but would have been waited for without the delay', () => {
    expect(told(LATE, timer(51, { ready: 40 }))).toBe('blocked 25, up to 25')
  })

  test('did, where that had been there for long enough', () => {
    expect(told(LATE, timer(51, { ready: 26 }))).toBe('blocked 25, up to 0')
    expect(told(LATE, timer(51, { ready: 26.1 }))).toBe('blocked 25, up to 25')
  })

  test('did, where nobody knows when the other was asked for', () => {
    expect(told(LATE, timer(90, { asked: Number.NaN }))).toBe('blocked 25, up to 0')
  })

  test('did, where the very same callback goes on', () => {
    const goesOn = { from: 51, to: 52, of: ME, ready: 25, task: 50, settled: 50.5, asked: 0 }
    expect(told(LATE, goesOn)).toBe('blocked 25, up to 0')
  })

  test('perhaps did not, where an answer came at some time until it was delivered', () => {
    const answer = timer(51, { ready: 10, isUpTo: true })
    expect(told(LATE, answer)).toBe('blocked 25, up to 25')
  })

  test('nor where the other’s promise was settled later', () => {
    const answer = timer(51, { ready: 10, settled: 51 })
    expect(told(LATE, answer)).toBe('blocked 25, up to 25')
  })

  test('did, where the other was made after it', () => {
    const again = timer(80, { asked: 50 })
    expect(told(LATE, again, timer(120, { asked: 80 }))).toBe('blocked 25, up to 0')
  })
})
