/** Since when what the loop calls could have run, on turns that the test sets. */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { beforeEach, describe, expect, test } from 'vitest'
import { Readiness } from '../../src/sampler/async/readiness.js'
import { recordingOf, SetTimers, SetTurns } from '../support/sampler-parts.js'

const TIMER = setTimeout(() => {}, 1)
const IMMEDIATE = setImmediate(() => {})
clearTimeout(TIMER)
clearImmediate(IMMEDIATE)
const ANSWER = {}

let turns: SetTurns
let timers: SetTimers
let readiness: Readiness

beforeEach(() => {
  turns = new SetTurns()
  timers = new SetTimers()
  readiness = new Readiness(turns, timers)
  readiness.begin(0)
})

/** `10 → 15`: ready, called; `≤10 → 15`: ready at some time since. */
function called(resource: object, at: number, madeAt = Number.NaN): string {
  readiness.starts(resource, madeAt, at)
  return `${readiness.upTo ? '≤' : ''}${readiness.ready} → ${readiness.task}`
}

describe('a timer', () => {
  test('since it was due', () => {
    turns.check(40)
    timers.due = 10
    expect(called(TIMER, 50)).toBe('10 → 50')
  })

  test('that Node calls before our reading of its clock is not late', () => {
    timers.due = 50.3
    expect(called(TIMER, 50)).toBe('50 → 50')
  })

  test('that woke the loop waited for nobody before that', () => {
    turns.slept = true
    turns.check(51.2)
    timers.due = 50
    expect(called(TIMER, 51.3)).toBe('51.2 → 51.3')
  })

  test('that came due while the loop slept waited for what the loop brought then', () => {
    turns.check(20)
    turns.slept = true
    called(ANSWER, 52)
    called(ANSWER, 55)
    turns.check(60)
    timers.due = 50
    expect(called(TIMER, 60.1)).toBe('52 → 60.1')
  })

  test('that had been due when the loop fell asleep, by a clock that had stopped', () => {
    turns.check(10)
    turns.slept = true
    turns.sleptMs = 9
    turns.check(70)
    timers.due = 20
    expect(called(TIMER, 70.1)).toBe('20 → 70.1')
  })

  test('that the sampler’s signal has woken just after it was due', () => {
    turns.check(10)
    turns.slept = true
    turns.sleptMs = 0.2
    turns.check(51.4)
    timers.due = 50.3
    expect(called(TIMER, 51.5)).toBe('51.4 → 51.5')
  })

  test('that came due meanwhile, and something is closed before it runs', () => {
    turns.check(20)
    turns.slept = true
    called(ANSWER, 52)
    turns.check(160)
    called(ANSWER, 160.1)
    timers.due = 100
    expect(called(TIMER, 160.2)).toBe('100 → 160.2')
  })
})

describe('an immediate', () => {
  test('since it was made', () => {
    turns.check(30)
    turns.check(40)
    expect(called(IMMEDIATE, 41, 32)).toBe('32 → 41')
  })

  test('that nobody saw being made: since the check before, at most', () => {
    turns.check(30)
    turns.check(40)
    expect(called(IMMEDIATE, 41)).toBe('≤30 → 41')
  })
})

describe('what the poll brings', () => {
  test('after it slept: since it returned', () => {
    turns.check(10)
    turns.slept = true
    expect(called(ANSWER, 30)).toBe('30 → 30')
    expect(called(ANSWER, 35)).toBe('30 → 35')
  })

  test('callbacks before it slept were no answers', () => {
    turns.check(10)
    called(ANSWER, 11)
    turns.slept = true
    expect(called(ANSWER, 30)).toBe('30 → 30')
  })

  test('without sleep: since the poll before returned, at most', () => {
    turns.check(10)
    turns.slept = true
    called(ANSWER, 30)
    called(ANSWER, 35)
    turns.check(50)
    expect(called(ANSWER, 51)).toBe('≤30 → 51')
  })

  test('where that brought nothing: since the check that followed it', () => {
    called(ANSWER, 5)
    turns.check(10)
    turns.check(50)
    expect(called(ANSWER, 80)).toBe('≤50 → 80')
  })

  test('in the turn in which we began to look: since then', () => {
    expect(called(ANSWER, 3)).toBe('≤0 → 3')
    turns.check(10)
    expect(called(ANSWER, 12)).toBe('≤0 → 12')
  })
})

describe('what a request was held up so far', () => {
  /** It ran until 100, and goes on at 200. */
  function heldUp(settled = Number.NaN): number {
    const recording = recordingOf(1)
    recording.ranAt = 100
    readiness.resumes(recording, 200, settled)
    return recording.blockedMs
  }

  test('since its timer was due, and since its promise was settled', () => {
    timers.due = 150
    called(TIMER, 160)
    expect(heldUp(195)).toBe(10 + 5)
  })

  test('not while it still ran itself', () => {
    timers.due = 50
    called(TIMER, 160)
    expect(heldUp(195)).toBe(60 + 5)
  })

  test('in one and the same callback: since it was interrupted', () => {
    timers.due = 20
    called(TIMER, 30)
    expect(heldUp()).toBe(100)
  })

  test('since the loop looked, at most', () => {
    called(ANSWER, 120)
    turns.check(130)
    const recording = recordingOf(1)
    recording.ranAt = 100
    called(ANSWER, 150)
    readiness.resumes(recording, 150, Number.NaN)
    expect(recording.blockedMs).toBe(50)
    timers.due = 155
    called(TIMER, 160)
    recording.ranAt = 150
    readiness.resumes(recording, 160, Number.NaN)
    expect(recording.blockedMs).toBe(55)
  })

  test('is not known of what follows from no callback that was seen', () => {
    called(ANSWER, 150)
    turns.check(170)
    expect(heldUp()).toBe(0)
    expect(readiness.task).toBeNaN()
  })
})
