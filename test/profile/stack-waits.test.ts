import { expect, test } from 'vitest'
import type { Profile, StackIndex } from '../../src/profile/profile.js'
import { inTheWayStacks, isBlocked, waitsOf } from '../../src/profile/stack-waits.js'
import { profileFrom } from '../support/trees.js'

test('what is waited for, and who is to blame', () => {
  expect(blame('f;[await] timer;[blocked];GET /report;getReport;render 150')).toEqual([
    'f: - / -',
    '[await] timer: [await] timer / -',
    '[blocked]: [await] timer / [blocked]',
    'GET /report: [await] timer / GET /report',
    'getReport: [await] timer / GET /report',
    'render: [await] timer / GET /report',
  ])
})

test('the outermost [blocked] and the outermost [await] count, and no wait of others', () => {
  expect(blame('[blocked];GET /x;[await] db;[blocked];GET /y;g 1')).toEqual([
    '[blocked]: - / [blocked]',
    'GET /x: - / GET /x',
    '[await] db: - / GET /x',
    '[blocked]: - / GET /x',
    'GET /y: - / GET /x',
    'g: - / GET /x',
  ])
  expect(blame('[await] a;[await] b;f 1')).toEqual([
    '[await] a: [await] a / -',
    '[await] b: [await] a / -',
    'f: [await] a / -',
  ])
})

test('functions of such names are functions', () => {
  expect(blame('[await] timer@/app/a.js:1;[blocked]@/app/a.js:2;f 1')).toEqual([
    '[await] timer: - / -',
    '[blocked]: - / -',
    'f: - / -',
  ])
})

test('only a [blocked] without a file names who was in the way', () => {
  const profile = profileFrom('[blocked];GET /x 1\n[blocked]@/app/a.js:2;f 1')
  const named = [...profile.stacks.frame.keys()].filter((stack) => isBlocked(profile, stack))
  expect(named.map((stack) => nameOf(profile, stack))).toEqual(['[blocked]'])
})

test('in the way are those whom [blocked] names and what ran for them, and not [blocked] itself', () => {
  const profile = profileFrom('f;[await] db;[blocked];GET /x;[blocked];g 1\nf;g 1\n[blocked] 2')
  const inTheWay = inTheWayStacks(profile)
  const told = [...inTheWay.keys()].slice(1).map((i) => `${nameOf(profile, i)} ${inTheWay[i]}`)
  expect(told).toEqual([
    'f 0',
    '[await] db 0',
    '[blocked] 0',
    'GET /x 1',
    '[blocked] 1',
    'g 1',
    'g 0',
    '[blocked] 0',
  ])
})

// --- internal ---

/** Of each stack, `name: wait / blamed`. */
function blame(line: string): string[] {
  const profile = profileFrom(line)
  const { wait, blamed } = waitsOf(profile)
  return [...wait.keys()]
    .slice(1)
    .map(
      (i) => `${nameOf(profile, i)}: ${nameOf(profile, wait[i]!)} / ${nameOf(profile, blamed[i]!)}`,
    )
}

function nameOf({ frames, stacks }: Profile, stack: StackIndex): string {
  return stack === -1 ? '-' : frames[stacks.frame[stack]!]!.name
}
