import { describe, expect, test } from 'vitest'
import type { DumpMeta, QueueCulprit, Queued } from '../../src/profile/profile.js'
import { findingsOf } from '../../src/render/findings/findings.js'
import { queuedIn, queuedLine, queuedOf, queuedSentence } from '../../src/render/queued.js'
import { metaOf } from '../support/dumps.js'
import { dumpOf } from '../support/meta.js'

/** Of a request of 13 ms. */
const waited = (queued: Partial<Queued>, facts: Partial<DumpMeta> = {}) =>
  metaOf('1', {
    durationMicros: 13_000,
    queued: { minMicros: 0, maxMicros: 258_000, othersKeptOut: 0, by: [], ...queued },
    ...facts,
  })

const by = (title: string, name: string, micros: number): QueueCulprit => {
  return { title, name, file: name === '' ? '' : `/srv/${name}.js`, line: 12, micros }
}

const ADD = by('GET /report', 'add', 258_000)

function sentence(...sources: DumpMeta[]): string {
  const queued = queuedIn(sources)
  return queued === null ? '' : queuedSentence(queued, ({ file, line }) => `${file}:${line}`)
}

describe('a request that waited before the process saw it', () => {
  test('says how long, as far as that is known, and behind whom', () => {
    expect(sentence(waited({ minMicros: 250_000, by: [ADD] }))).toBe(
      'Queued 258 ms before this process saw it, behind GET /report in add (/srv/add.js:12).',
    )
    expect(sentence(waited({ by: [ADD] }))).toBe(
      'Queued up to 258 ms before this process saw it, behind GET /report in add (/srv/add.js:12).',
    )
    expect(sentence(waited({ minMicros: 120_000, by: [ADD] }))).toBe(
      'Queued 120 to 258 ms before this process saw it, behind GET /report in add (/srv/add.js:12).',
    )
    expect(sentence(waited({ minMicros: 120_000, maxMicros: null }))).toBe(
      'Queued at least 120 ms before this process saw it.',
    )
  })

  test('names the longest of several, and how much of it is sure', () => {
    const several = [
      by('GET /report', 'add', 100_000),
      by('GET /report', 'sort', 60_000),
      by('GET /other', 'f', 98_000),
    ]
    expect(sentence(waited({ minMicros: 258_000, by: several }))).toBe(
      'Queued 258 ms before this process saw it, 160 ms of it behind GET /report, ' +
        '100 ms of it in add (/srv/add.js:12).',
    )
    expect(sentence(waited({ minMicros: 200_000, by: several }))).toBe(
      'Queued 200 to 258 ms before this process saw it, 102 to 160 ms of it behind GET /report, ' +
        '42.0 to 100 ms of it in add (/srv/add.js:12).',
    )
    expect(sentence(waited({ by: several }))).toBe(
      'Queued up to 258 ms before this process saw it, up to 160 ms of it behind GET /report, ' +
        'up to 100 ms of it in add (/srv/add.js:12).',
    )
  })

  test('names a function where the owner cannot be told, and nobody where nothing is known', () => {
    const unknown = [by('[unknown]', 'add', 158_000), by('[unknown]', 'sort', 100_000)]
    expect(sentence(waited({ minMicros: 258_000, by: unknown }))).toBe(
      'Queued 258 ms before this process saw it, 158 ms of it behind add (/srv/add.js:12).',
    )
    expect(sentence(waited({ by: [by('[unknown]', '', 258_000)] }))).toBe(
      'Queued up to 258 ms before this process saw it.',
    )
    const little = [by('[unknown]', '', 240_000), by('GET /x', 'f', 18_000)]
    expect(sentence(waited({ by: little }))).toBe('Queued up to 258 ms before this process saw it.')
    expect(sentence(waited({ by: [by('background', '', 258_000)] }))).toBe(
      'Queued up to 258 ms before this process saw it, behind background work.',
    )
  })

  test('knows what is no function', () => {
    const ours = by('[unknown]', '[profiler]', 100_000)
    const collecting = by('GET /report', '(garbage collector)', 158_000)
    expect(sentence(waited({ by: [ours] }))).toBe(
      "Queued up to 258 ms before this process saw it, up to 100 ms of it behind profview's own work.",
    )
    expect(sentence(waited({ by: [{ ...ours, title: 'background' }] }))).toBe(
      "Queued up to 258 ms before this process saw it, up to 100 ms of it behind profview's own work.",
    )
    expect(sentence(waited({ minMicros: 258_000, by: [ours, collecting] }))).toBe(
      'Queued 258 ms before this process saw it, 158 ms of it behind GET /report in garbage collection.',
    )
  })

  test('says how many others waited and were not kept', () => {
    expect(sentence(waited({ by: [ADD], othersKeptOut: 12 }))).toMatch(
      / in add \(\/srv\/add\.js:12\)\. 12 other requests waited behind the same and were not kept\.$/,
    )
    expect(sentence(waited({ othersKeptOut: 1 }))).toMatch(
      / 1 other request waited behind the same and was not kept\.$/,
    )
  })

  test('says nothing where it was nothing, too short to matter, or not known', () => {
    expect(queuedOf(metaOf('1'))).toBe(null)
    expect(queuedOf(waited({ maxMicros: null }))).toBe(null)
    expect(queuedOf(waited({ maxMicros: 4999 }, { durationMicros: 1000 }))).toBe(null)
    expect(queuedOf(waited({ maxMicros: 5000 }, { durationMicros: 1000 }))).not.toBe(null)
    expect(queuedOf(waited({ maxMicros: 99_000 }, { durationMicros: 900_000 }))).toBe(null)
    expect(queuedOf(waited({ maxMicros: 100_000 }, { durationMicros: 900_000 }))).not.toBe(null)
    expect(sentence(waited({ maxMicros: 4999 }))).toBe('')
  })

  test('obeys nothing that a title or a name says', () => {
    expect(sentence(waited({ by: [by('GET /\x1b[31m', 'a\u202e', 258_000)] }))).toBe(
      'Queued up to 258 ms before this process saw it, behind GET /\\x1b[31m in a\\u202e (/srv/a\\u202e.js:12).',
    )
  })
})

describe('several requests', () => {
  const none = metaOf('2', { durationMicros: 100_000 })

  test('are summed, with how many they were and the worst', () => {
    const short = waited({
      minMicros: 100_000,
      maxMicros: 100_000,
      by: [by('GET /x', 'f', 100_000)],
    })
    expect(sentence(waited({ by: [ADD] }), none, short)).toBe(
      'Queued 100 to 358 ms before their process saw them, up to 258 ms of it behind GET /report ' +
        'in add (/srv/add.js:12), in 2 of 3 requests, at worst up to 258 ms.',
    )
    expect(queuedLine(queuedIn([waited({}), none])!)).toBe(
      'queued up to 258 ms before these 113 ms, in 1 of 2 requests',
    )
  })

  test('leave out those without an upper bound, unless all are', () => {
    const open = waited({ minMicros: 90_000, maxMicros: null })
    expect(sentence(open, waited({ maxMicros: 50_000 }))).toBe(
      'Queued up to 50.0 ms before their process saw them, in 1 of 2 requests.',
    )
    expect(sentence(open, none)).toBe(
      'Queued at least 90.0 ms before their process saw them, in 1 of 2 requests.',
    )
  })

  test('say nothing where it is next to nothing for all of them', () => {
    const long = metaOf('2', { durationMicros: 5_000_000 })
    expect(sentence(waited({}), long)).toBe('')
  })
})

test('it is the first thing that stands out', () => {
  const { queued } = waited({ by: [ADD] })
  const found = findingsOf(
    dumpOf('f@/srv/f.js:1;[await] t 13000', { queued, durationMicros: 13_000 }),
  )
  expect(found.map(({ kind, micros }) => `${kind} ${micros}`)).toEqual([
    'queued 258000',
    'await 13000',
  ])
})
