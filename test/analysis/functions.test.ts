import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  buildFunctionTable,
  byOwnTime,
  type FunctionTable,
  functionsWithTime,
} from '../../src/analysis/functions.js'
import { framesOf, totalWeight } from '../../src/profile/calltree.js'
import type { FrameIndex, Profile, StackIndex } from '../../src/profile/profile.js'
import { inTheWayStacks } from '../../src/profile/stack-waits.js'
import { mergeProfiles } from '../../src/transform/merge.js'
import { anyProfile } from '../support/arbitrary.js'
import { dumpOf } from '../support/dumps.js'
import { profileOf } from '../support/trees.js'

/** `name self/total, in the way self/total, samples` of every function, as tables show them. */
function tableOf(profile: Profile): string[] {
  const table = buildFunctionTable(profile)
  const { self, total, inTheWay, inTheWaySelf, samples } = table
  return functionsWithTime(profile, table)
    .sort(byOwnTime(table))
    .map((i) => {
      const others = `${inTheWaySelf[i]}/${inTheWay[i]}`
      return `${profile.frames[i]!.name} ${self[i]}/${total[i]}, ${others}, ${samples[i]}`
    })
}

const sum = (times: Float64Array | Int32Array) => [...times].reduce((all, time) => all + time, 0)

test('what ran for others is no time of a function’s own', () => {
  const profile = profileOf`
    GET /x;handler;add 3
    GET /x;handler;add 2
    GET /x;handler;query;[await] db 20
    GET /x;handler;query;[await] db;[blocked];GET /report;render;add 50
    GET /x;handler;query;[await] db;[blocked];GET /report;render 5
    GET /x;handler;query;[await] db;[blocked] 1
    GET /x;handler 4
  `
  expect(tableOf(profile)).toEqual([
    '[await] db 20/76, 0/0, 1',
    'add 5/5, 50/50, 2',
    'handler 4/85, 0/0, 1',
    '[blocked] 1/56, 0/0, 1',
    'GET /x 0/85, 0/0, 0',
    'query 0/76, 0/0, 0',
    'GET /report 0/0, 0/55, 0',
    'render 0/0, 5/55, 0',
  ])
})

test('a function that waits while it is in the way itself has both times, each sample once', () => {
  const profile = profileOf`
    f;f;[await] t;[blocked];GET /x;f;f;g 8
    f;f;[await] t;[blocked];GET /x;[blocked];f 4
    f;f 2
    f;g 1
  `
  expect(tableOf(profile)).toEqual([
    'f 2/15, 4/12, 1',
    'g 1/1, 8/8, 1',
    '[blocked] 0/12, 0/4, 0',
    '[await] t 0/12, 0/0, 0',
    'GET /x 0/0, 0/12, 0',
  ])
})

test('own time is the same for one request and among fifty that waited for it at once', () => {
  const own = dumpOf('report', 'GET /report;render;add 960000')
  const others = Array.from({ length: 50 }, (_, i) => {
    const theirs = 'GET /x;f;[await] db;[blocked];GET /report;render;add 80000\nGET /x;f 1000'
    return dumpOf(`x${i}`, theirs)
  })
  expect(tableOf(own)).toContain('add 960000/960000, 0/0, 1')
  expect(tableOf(mergeProfiles([own, ...others]))).toEqual([
    'add 960000/960000, 4000000/4000000, 1',
    'f 50000/4050000, 0/0, 50',
    'GET /x 0/4050000, 0/0, 0',
    '[await] db 0/4000000, 0/0, 0',
    '[blocked] 0/4000000, 0/0, 0',
    'GET /report 0/960000, 0/4000000, 0',
    'render 0/960000, 0/4000000, 0',
  ])
})

test('self and in the way are all time there is; totals are what the stacks say', () => {
  fc.assert(
    fc.property(anyProfile(), (profile) => {
      const table = buildFunctionTable(profile)
      expect(sum(table.self) + sum(table.inTheWaySelf)).toBe(totalWeight(profile))
      expect(table).toEqual(slowly(profile))
    }),
  )
})

/** By the definition, sample by sample. */
function slowly(profile: Profile): FunctionTable {
  const { frames, samples, stacks } = profile
  const isOthers = inTheWayStacks(profile)
  const times = () => new Float64Array(frames.length)
  const table = { self: times(), total: times(), inTheWay: times(), inTheWaySelf: times() }
  const counts = new Int32Array(frames.length)
  samples.stack.forEach((leaf, i) => {
    const weight = samples.weight[i]!
    const path: StackIndex[] = []
    for (let at = leaf; at !== -1; at = stacks.parent[at]!) path.push(at)
    expect(path.length).toBe(framesOf(profile, leaf).length + 1)
    for (const others of [0, 1]) {
      const functions = path
        .filter((at) => isOthers[at] === others)
        .map((at): FrameIndex => stacks.frame[at]!)
      for (const each of new Set(functions)) {
        table[others ? 'inTheWay' : 'total'][each]! += weight
      }
    }
    table[isOthers[leaf] ? 'inTheWaySelf' : 'self'][stacks.frame[leaf]!]! += weight
    if (!isOthers[leaf]) counts[stacks.frame[leaf]!]!++
  })
  return { ...table, samples: counts }
}
