import { describe, expect, test } from 'vitest'
import { blockedBy } from '../../src/analysis/blame.js'
import { costsToOthers } from '../../src/analysis/cost-to-others.js'
import type { Profile, StackIndex } from '../../src/profile/profile.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { sumByStack } from '../../src/transform/sum-by-stack.js'
import { dumpOf } from '../support/dumps.js'
import { profileFrom } from '../support/trees.js'

/** The names from the root down to a stack. */
function pathOf({ frames, stacks }: Profile, stack: StackIndex): string {
  const names: string[] = []
  for (let at = stack; at > 0; at = stacks.parent[at]!) names.push(frames[stacks.frame[at]!]!.name)
  return names.reverse().join(';')
}

function culprits(profile: Profile): string[] {
  return blockedBy(profile).map(({ title, micros, share, samples, stack, hotspot }) => {
    const where = hotspot
      ? `${hotspot.micros} in ${pathOf(profile, hotspot.stack)}`
      : pathOf(profile, stack)
    return `${title} ${micros} ${share} ${samples}: ${where}`
  })
}

describe('blocked by', () => {
  test('names who was in the way, and the narrowest function with most of it', () => {
    const profile = profileFrom(`
      f@/a.js:1;[await] timer 300
      f@/a.js:1;[await] timer;[blocked];GET /report;emit@node:events:1;get@/a.js:5;render@/a.js:9 30
      f@/a.js:1;[await] timer;[blocked];GET /report;emit@node:events:1;get@/a.js:5;render@/a.js:9;parse 90
      f@/a.js:1;[await] timer;[blocked];GET /report;emit@node:events:1;get@/a.js:5 10
      f@/a.js:1;[await] TCP;[blocked];GET /report;emit@node:events:1;get@/a.js:5;render@/a.js:9 20
      f@/a.js:1;[await] TCP;[blocked];background 50
    `)
    expect(culprits(profile)).toEqual([
      'GET /report 150 0.3 4: 140 in f;[await] timer;[blocked];GET /report;emit;get;render',
      'background 50 0.1 1: f;[await] TCP;[blocked];background',
    ])
  })

  test('names garbage collection where no function had most of it', () => {
    const profile = profileFrom(`
      f@/a.js:1;[await] timer;[blocked];[unknown];(garbage collector) 24
      f@/a.js:1;[await] timer;[blocked];GET /x;get@/a.js:5;(garbage collector) 60
      f@/a.js:1;[await] timer;[blocked];GET /x;(garbage collector) 30
      f@/a.js:1;[await] timer;[blocked];GET /y;(garbage collector) 4
      f@/a.js:1;[await] timer;[blocked];GET /y;get@/a.js:5 4
      f@/a.js:1;[await] timer;[blocked];(garbage collector) 2
    `)
    const hot = blockedBy(profile).map(({ title, hotspot }) => {
      const { name } = profile.frames[hotspot?.frame ?? 0]!
      return `${title}: ${hotspot === null ? 'itself' : `${hotspot.micros} in ${name}`}`
    })
    expect(hot).toEqual([
      'GET /x: 60 in get',
      '[unknown]: 24 in (garbage collector)',
      'GET /y: 4 in get',
      '(garbage collector): itself',
    ])
  })

  test('counts a recursive function once, also where it waits itself', () => {
    const profile = profileFrom(`
      f@/a.js:1;[await] timer;[blocked];GET /x;f@/a.js:1;f@/a.js:1;g@/a.js:2 6
      f@/a.js:1;[await] timer;[blocked];GET /x;f@/a.js:1;h@/a.js:3 4
    `)
    expect(culprits(profile)).toEqual([
      'GET /x 10 1 2: 6 in f;[await] timer;[blocked];GET /x;f;f;g',
    ])
  })

  test('says how much of it is an upper bound', () => {
    const profile = profileFrom(`
      f;[await] timer;[blocked];GET /x;g 6 {blocked=up to}
      f;[await] timer;[blocked];GET /x;g 4 {blocked=up to, also waiting for=dns}
      f;[await] timer;[blocked];GET /x 5
      f;[await] timer;[blocked];GET /y;g 7
      f;[await] timer 8 {blocked=up to}
    `)
    expect(blockedBy(profile)).toMatchObject([
      { title: 'GET /x', micros: 15, upToMicros: 10 },
      { title: 'GET /y', micros: 7, upToMicros: 0 },
    ])
    expect(blockedBy(sumByStack(profile).profile)).toMatchObject([
      { title: 'GET /x', micros: 15, upToMicros: 10 },
      { title: 'GET /y', micros: 7, upToMicros: 0 },
    ])
  })

  test('keeps foreign time of version 1 apart', () => {
    const profile = profileFrom(`
      f;[await] timer;[blocked];GET /x;g 6
      f;[await] timer;[foreign time while waiting (version 1)];GET /x;g 9
    `)
    expect(blockedBy(profile)).toMatchObject([
      { title: 'GET /x', isForeign: true, micros: 9 },
      { title: 'GET /x', isForeign: false, micros: 6 },
    ])
    expect(costsToOthers(profile)).toMatchObject([
      { culprit: 'GET /x', isForeign: true, micros: 9 },
      { culprit: 'GET /x', isForeign: false, micros: 6 },
    ])
  })

  test('says nothing where nobody was', () => {
    expect(blockedBy(profileFrom('f;[await] timer 5'))).toEqual([])
  })

  test('does not mind a depth of 100,000', () => {
    const deep = Array.from({ length: 100_000 }, (_, i) => `f${i}@/a.js:${i + 1}`).join(';')
    const [culprit] = blockedBy(profileFrom(`[await] timer;[blocked];GET /x;${deep} 7`))
    expect(culprit).toMatchObject({ title: 'GET /x', micros: 7, hotspot: { micros: 7 } })
  })
})

describe('cost to others', () => {
  const X = { method: 'GET', route: '/x', status: 200, aborted: false }
  const WHOLE = mergeProfiles([
    dumpOf('1', 'f;[await] t;[blocked];GET /y;g 30\nf;[await] t;[blocked];GET /x;f 4\nf 6', {
      request: X,
    }),
    dumpOf('2', 'f;[await] t;[blocked];GET /y;g 50\nf;[await] t;[blocked];background 9', {
      request: X,
    }),
    dumpOf('3', 'g;[await] t;[blocked];GET /y;g 1\ng 25\ng;(garbage collector) 3', {
      request: { ...X, route: '/y' },
    }),
  ])

  test('adds up whom each route held up, and its own CPU time', () => {
    expect(costsToOthers(WHOLE)).toEqual([
      {
        culprit: 'GET /y',
        isForeign: false,
        micros: 81,
        upToMicros: 0,
        requests: 3,
        victims: [
          { route: 'GET /x', micros: 80, upToMicros: 0, requests: 2 },
          { route: 'GET /y', micros: 1, upToMicros: 0, requests: 1 },
        ],
        ownCpuMicros: 25,
      },
      {
        culprit: 'background',
        isForeign: false,
        micros: 9,
        upToMicros: 0,
        requests: 1,
        victims: [{ route: 'GET /x', micros: 9, upToMicros: 0, requests: 1 }],
        ownCpuMicros: null,
      },
      {
        culprit: 'GET /x',
        isForeign: false,
        micros: 4,
        upToMicros: 0,
        requests: 1,
        victims: [{ route: 'GET /x', micros: 4, upToMicros: 0, requests: 1 }],
        ownCpuMicros: 6,
      },
    ])
  })

  test('knows how much of it is an upper bound, for each that waited', () => {
    const lines =
      'f;[await] t;[blocked];GET /y;g 30 {blocked=up to}\nf;[await] t;[blocked];GET /y 4'
    const merged = mergeProfiles([
      dumpOf('1', lines, { request: X }),
      dumpOf('2', lines, { request: { ...X, route: '/z' } }),
    ])
    expect(costsToOthers(merged)).toMatchObject([
      {
        ...{ culprit: 'GET /y', micros: 68, upToMicros: 60, requests: 2 },
        victims: [
          { route: 'GET /x', micros: 34, upToMicros: 30 },
          { route: 'GET /z', micros: 34, upToMicros: 30 },
        ],
      },
    ])
  })

  test('knows whose a dump without labels is', () => {
    const [cost] = costsToOthers(dumpOf('1', 'f;[await] t;[blocked];GET /y;g 30', { request: X }))
    expect(cost).toMatchObject({ victims: [{ route: 'GET /x', micros: 30, requests: 1 }] })
  })
})
