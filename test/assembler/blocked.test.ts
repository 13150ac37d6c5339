/** What is blocked and what only overlaps, to the microsecond. */
import { describe, expect, test } from 'vitest'
import { ME, OTHER, profileOfScene, type Scene } from '../support/scenes.js'
import { formatTree } from '../support/trees.js'

/** The tree, and how much of blocked is an upper bound. */
function told(scene: Scene): string[] {
  const profile = profileOfScene(scene)
  return [...formatTree(profile), `up to ${profile.sources[0]!.blockedUpToMicros}`]
}

const BEGIN = { from: 0, to: 1, of: ME, below: 'app;handler' }

/** It goes on at `from` and ends the recording. */
function goesOn(from: number, facts: Partial<Scene['segments'][number]>) {
  return { from, to: from + 1, of: ME, below: 'app;handler', ...facts }
}

describe('a timer of 500 ms', () => {
  test('on time, with 200 ms of somebody’s code in its middle, was delayed by nobody', () => {
    const timer = { what: 'timer 500 ms', ready: 501, task: 501 }
    const scene = {
      end: 502,
      segments: [BEGIN, { from: 100, to: 300, of: OTHER }, goesOn(501, timer)],
      busy: ['handler 0-1 7', 'report;render 100-300 8', 'handler 501-502 7'],
    }
    expect(told(scene)).toEqual([
      'app 502000 0',
      '  handler 502000 2000',
      '    [await] timer 500 ms 500000 500000',
      'up to 0',
    ])
  })

  test('that comes late by somebody’s code is blocked since it was due', () => {
    const timer = { what: 'timer 500 ms', ready: 501, task: 600 }
    const scene = {
      end: 601,
      segments: [
        BEGIN,
        { from: 100, to: 200, of: OTHER },
        { from: 400, to: 600, of: OTHER },
        goesOn(600, timer),
      ],
      busy: ['report;render 100-200 8', 'report;render 400-550 8', 'report;write 550-600 8'],
    }
    expect(told(scene)).toEqual([
      'app 601000 0',
      '  handler 601000 2000',
      '    [await] timer 500 ms 599000 500000',
      '      [blocked] 99000 0',
      '        GET /other 99000 0',
      '          report 99000 0',
      '            write 50000 50000',
      '            render 49000 49000',
      'up to 0',
    ])
  })

  test('is not blocked by its own request', () => {
    const timer = { what: 'timer 500 ms', ready: 501, task: 600 }
    const scene = {
      end: 601,
      segments: [BEGIN, goesOn(400, {}), { ...goesOn(401, {}), to: 590 }, goesOn(600, timer)],
      busy: ['handler 401-590 7'],
    }
    expect(told(scene).filter((line) => line.includes('blocked'))).toEqual([])
  })
})

test('an immediate is blocked since it was made', () => {
  const scene = {
    end: 41,
    segments: [
      BEGIN,
      { from: 2, to: 30, of: OTHER },
      { from: 30, to: 39, of: 0 },
      goesOn(40, { what: 'immediate', ready: 0.5, task: 40 }),
    ],
    busy: ['report 2-30 8', 'flush 30-39 0'],
  }
  expect(told(scene)).toEqual([
    'app 41000 0',
    '  handler 41000 2000',
    '    [await] immediate 39000 2000',
    '      [blocked] 37000 0',
    '        GET /other 28000 0',
    '          report 28000 28000',
    '        background 9000 0',
    '          flush 9000 9000',
    'up to 0',
  ])
})

test('a promise is blocked since it was settled, not while its answer is made', () => {
  const scene = {
    end: 81,
    segments: [
      BEGIN,
      { from: 20, to: 50, of: OTHER },
      { from: 50, to: 80, of: OTHER },
      goesOn(80, { ready: 20, task: 20, settled: 50 }),
    ],
    busy: ['parse 20-50 8', 'report 50-80 8'],
  }
  expect(told(scene)).toEqual([
    'app 81000 0',
    '  handler 81000 2000',
    '    [await] 79000 49000',
    '      [blocked] 30000 0',
    '        GET /other 30000 0',
    '          report 30000 30000',
    'up to 0',
  ])
})

test('whom somebody else’s callback called was not there before; the callback itself was late', () => {
  const scene = {
    end: 61,
    segments: [
      BEGIN,
      { from: 10, to: 30, of: OTHER },
      { from: 30, to: 60, of: OTHER },
      goesOn(60, { what: 'TCP 127.0.0.1:5432', ready: 10, task: 30, settled: 60 }),
    ],
    busy: ['report 10-30 8', 'parse 30-60 8'],
  }
  expect(told(scene)).toEqual([
    'app 61000 0',
    '  handler 61000 2000',
    '    [await] TCP 127.0.0.1:5432 59000 39000',
    '      [blocked] 20000 0',
    '        GET /other 20000 0',
    '          report 20000 20000',
    'up to 0',
  ])
})

test('where awaits are not followed, a promise may have been settled at any time of its callback', () => {
  const segments = [BEGIN, { from: 20, to: 50, of: OTHER }, goesOn(50, { ready: 20, task: 20 })]
  const scene = { end: 51, segments, busy: ['report 20-50 8'] }
  const isUpTo = (follows: boolean) => profileOfScene({ ...scene, follows }).sources[0]
  expect(isUpTo(true)).toMatchObject({ ledger: { blocked: 30_000 }, blockedUpToMicros: 0 })
  expect(isUpTo(false)).toMatchObject({ ledger: { blocked: 30_000 }, blockedUpToMicros: 30_000 })
})

test('what interrupts it blocks from the beginning', () => {
  const scene = {
    end: 31,
    segments: [BEGIN, { from: 1, to: 30, of: OTHER }, goesOn(30, { ready: 0, task: 0 })],
    busy: ['report 1-30 8'],
  }
  expect(told(scene)).toContain('      [blocked] 29000 0')
  expect(told(scene)).toContain('up to 0')
})

describe('an answer', () => {
  const others = { from: 20, to: 50, of: OTHER }
  const busy = ['report 20-50 8']

  test('that a sleeping loop delivered waited for those before it in the batch', () => {
    const scene = {
      end: 51,
      segments: [BEGIN, others, goesOn(50, { what: 'file', ready: 20, task: 50 })],
      busy,
    }
    expect(told(scene)).toContain('      [blocked] 30000 0')
    expect(told(scene)).toContain('up to 0')
  })

  test('that came while the loop was busy waited for that at most', () => {
    const scene = {
      end: 51,
      segments: [BEGIN, others, goesOn(50, { what: 'file', ready: 20, task: 50, isUpTo: true })],
      busy,
    }
    const { samples, labelSets, sources } = profileOfScene(scene)
    expect(sources[0]).toMatchObject({ blockedUpToMicros: 30_000 })
    expect(sources[0]!.ledger).toMatchObject({ await: 19_000, blocked: 30_000 })
    const upTo = labelSets.findIndex((labels) => labels.get('blocked') === 'up to')
    const micros = samples.weight.reduce(
      (sum, weight, i) => sum + (samples.labelSet[i] === upTo ? weight : 0),
      0,
    )
    expect(micros).toBe(30_000)
  })
})

describe('neighbours of whose code only samples tell', () => {
  /** A timer's callback at 10, and what comes of it until 60. */
  const timer = { from: 10, to: 10.2, of: 0 }
  const late = goesOn(60, { what: 'timer 39 ms', ready: 40, task: 60 })

  test('block under their name, where their samples have it', () => {
    const scene = {
      end: 61,
      segments: [BEGIN, timer, late],
      busy: ['report;render 10-60 8'],
    }
    expect(told(scene)).toEqual([
      'app 61000 0',
      '  handler 61000 2000',
      '    [await] timer 39 ms 59000 39000',
      '      [blocked] 20000 0',
      '        GET /other 20000 0',
      '          report 20000 0',
      '            render 20000 20000',
      'up to 0',
    ])
  })

  test('and as unknown where nobody can tell', () => {
    const scene = { end: 61, segments: [BEGIN, timer, late], busy: ['report 10-60 0'] }
    expect(told(scene).slice(3, -1)).toEqual([
      '      [blocked] 20000 0',
      '        [unknown] 20000 0',
      '          report 20000 20000',
    ])
    expect(profileOfScene(scene).sources[0]!.ledger).toMatchObject({ blocked: 20_000, unknown: 0 })
  })

  test('from the first callback after the loop slept to the last before it sleeps again', () => {
    const due = goesOn(60, { ready: 5, task: 60 })
    const before = { from: 29.7, to: 29.8, of: OTHER }
    const scene = {
      end: 61,
      segments: [BEGIN, { ...timer, from: 10.7, to: 10.8 }, before, due],
      busy: ['report 10.9-29.6 0'],
    }
    // From 10.8 on, before the first sample of them; the loop's own 0.1 ms at the end are short.
    expect(told(scene).slice(3, -1)).toEqual([
      '      [blocked] 19100 0',
      '        [unknown] 18900 0',
      '          report 18900 18900',
      '        GET /other 100 100',
      '        background 100 100',
    ])
  })

  test('up to the check phase that ends their turn', () => {
    const scene = {
      end: 61,
      segments: [BEGIN, timer, goesOn(60, { ready: 5, task: 60 })],
      busy: ['report 10-30 0'],
      turns: [
        { at: 2, slept: false },
        { at: 30.1, slept: true },
        { at: 60, slept: true },
      ],
    }
    expect(told(scene)).toContain('        [unknown] 19900 0')
  })

  test('known segments win', () => {
    const scene = {
      end: 61,
      segments: [BEGIN, timer, { from: 45, to: 55, of: OTHER }, late],
      busy: ['report 10-45 0', 'search 45-55 8', 'report 55-60 0'],
    }
    expect(told(scene).slice(3, -1)).toEqual([
      '      [blocked] 20000 0',
      '        GET /other 10000 0',
      '          search 10000 10000',
      '        [unknown] 10000 0',
      '          report 10000 10000',
    ])
  })
})

describe('while the loop does not sleep and no sample comes', () => {
  /** The neighbour's timer is seen, not what comes of it. */
  const timer = { from: 20, to: 20.2, of: 0 }
  const late = goesOn(60, { what: 'timer 19 ms', ready: 20, task: 60 })

  function blockedIn(scene: Partial<Scene>): string[] {
    const lines = told({ end: 61, segments: [BEGIN, timer, late], ...scene })
    return lines.map((line) => line.trim()).filter((line) => /blocked|up to|unknown/.test(line))
  }

  test('up to all of it is somebody’s, of whom nobody knows', () => {
    expect(blockedIn({ starved: [10, 61] })).toEqual([
      '[blocked] 40000 0',
      '[unknown] 39800 39800',
      'up to 39800',
    ])
  })

  test('but where the thread was seen idle just before, no more than that it was', () => {
    expect(blockedIn({ starved: [20, 61] })).toEqual(['[blocked] 200 0', 'up to 0'])
  })

  test('a short stretch is the loop’s own doing', () => {
    const soon = goesOn(25, { what: 'timer 19 ms', ready: 20, task: 25 })
    const scene = { end: 26, segments: [BEGIN, timer, soon], starved: [10, 26] } as const
    expect(blockedIn(scene)).toEqual(['[blocked] 200 0', 'up to 0'])
  })
})

describe('where nobody noted when it could have gone on', () => {
  const segments: Scene['segments'] = []
  const busy = ['handler 0-2 7', 'early 5-10 8', 'report 20-50 8', 'handler 50-52 7']

  function blockedIn(turns: Scene['turns'] & object): string[] {
    const scene = { end: 52, hasRunSegments: false, follows: false, segments, busy, turns }
    const lines = told(scene).map((line) => line.trim())
    return lines.filter((line) => /blocked|up to|report|early/.test(line))
  }

  test('since the loop had slept in the same turn', () => {
    const turns = [
      { at: 3, slept: false },
      { at: 11, slept: true },
      { at: 53, slept: true },
    ]
    // It may have waited for something else as well, and nobody knows for what.
    expect(blockedIn(turns)).toEqual(['[blocked] 30000 0', 'report 30000 30000', 'up to 30000'])
  })

  test('up to that, where the loop slept in the same turn only after it', () => {
    const turns = [
      { at: 30, slept: true },
      { at: 60, slept: true },
    ]
    expect(blockedIn(turns).slice(1)).toEqual(['report 30000 30000', 'up to 30000'])
  })

  test('up to since it had slept in the turn before', () => {
    const turns = [
      { at: 11, slept: true },
      { at: 30, slept: true },
      { at: 53, slept: false },
    ]
    expect(blockedIn(turns).slice(1)).toEqual(['report 30000 30000', 'up to 30000'])
  })

  test('up to since the check before the last, if it has not slept since', () => {
    const turns = [
      { at: 11, slept: true },
      { at: 30, slept: true },
      { at: 35, slept: false },
      { at: 40, slept: false },
      { at: 53, slept: false },
    ]
    expect(blockedIn(turns).slice(1)).toEqual(['report 15000 15000', 'up to 15000'])
  })

  test('in the turn of its first sample, although it may have begun in the one before', () => {
    const turns = [
      { at: 11, slept: false },
      { at: 30, slept: false },
      { at: 50.2, slept: false },
      { at: 53, slept: false },
    ]
    expect(blockedIn(turns).slice(1)).toEqual(['report 20000 20000', 'up to 20000'])
  })

  test('up to since it did nothing, where its turns are not known', () => {
    expect(blockedIn([]).slice(1)).toEqual(['report 30000 30000', 'up to 30000'])
  })
})
