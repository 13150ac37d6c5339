/** What holds the page up no longer than it must: reading beside it, and work in small steps. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { advance, finish, type Steps } from '../../src/profile/steps.js'
import { findingSteps, findingsOf } from '../../src/render/findings/findings.js'
import { invertProfile, invertSteps } from '../../src/transform/invert.js'
import { viewsOf } from '../../src/transform/view.js'
import { packProfile, unpackProfile } from '../../viewer/src/data/packed-profile.js'
import { readDump } from '../../viewer/src/data/read-dump.js'
import { buildTimelineModel } from '../../viewer/src/timeline/timeline-model.js'
import { buildTreeModel, treeSourceOf } from '../../viewer/src/tree/tree-model.js'
import { textOf, useBrowser, useViewer } from '../support/browser.js'
import { largeCpuprofile } from '../support/large-cpuprofile.mjs'
import { writeOneDump } from '../support/shop.js'
import { profileFrom } from '../support/trees.js'

const TEXT = largeCpuprofile({ samples: 30_000, nodes: 20_000, depth: 40 })
const large = readDump(new TextEncoder().encode(TEXT))

const browser = useBrowser()
const viewer = useViewer((dir) => ({ inputs: [join(dir, writeOneDump(dir))] }))

test('a profile is the same on the other side of a thread, and its columns are not copied', () => {
  const twice = profileFrom('main;[await] timer;work 7\nmain;rest 2')
  const { packed, transfer } = packProfile(twice)
  expect(transfer).toHaveLength(8)
  const arrived = unpackProfile(structuredClone(packed, { transfer }))
  expect(arrived).toEqual(profileFrom('main;[await] timer;work 7\nmain;rest 2'))
  expect(transfer.map((buffer) => (buffer as ArrayBuffer).byteLength)).toEqual(
    transfer.map(() => 0),
  )
})

test('the page reads in a thread of its own, which ends with it', async () => {
  const page = await browser.open()
  const started: string[] = []
  page.on('worker', (worker) => started.push(new URL(worker.url()).pathname))
  await page.goto(viewer.url)
  await page.waitForSelector('tbody .tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('GET /users/:id')
  expect(started).toEqual([expect.stringMatching(/\/assets\/reading-worker-[\w-]+\.js$/)])
  await expect.poll(() => page.workers().length).toBe(0)
})

test('the page reads by itself where the thread may not be loaded', async () => {
  const page = await browser.open()
  // Chromium says there what it has refused.
  page.removeAllListeners('console')
  await page.route(
    ({ pathname }) => pathname.endsWith('/'),
    async (route) => {
      const response = await route.fetch()
      const policy = `${response.headers()['content-security-policy']}; worker-src 'none'`
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'content-security-policy': policy },
      })
    },
  )
  await page.goto(viewer.url)
  await page.waitForSelector('tbody .tree-row')
  await expect.poll(() => textOf(page.locator('h1'))).toBe('GET /users/:id')
  expect(page.workers()).toEqual([])
})

/** How many parts there are to the work. */
function partsOf<T>(steps: Steps<T>): number {
  let parts = 1
  while (advance(steps, () => true) === undefined) parts++
  return parts
}

test('a large tree is made in many steps, turned round in more', () => {
  const source = finish(treeSourceOf(large))
  expect(partsOf(treeSourceOf(large))).toBeGreaterThan(3)
  const view = { threshold: 0, foldLibraries: true }
  const upright = partsOf(buildTreeModel(source, view))
  const turned = partsOf(buildTreeModel(source, { ...view, invert: true }))
  expect(upright).toBeGreaterThan(4)
  expect(turned - upright).toBeGreaterThan(large.stacks.frame.length / 4096)
  expect(partsOf(findingSteps(large, () => ''))).toBeGreaterThan(6)
  expect(partsOf(buildTimelineModel(large))).toBeGreaterThan(6)
})

test('steps make what one go makes', () => {
  const sums = ({ samples }: Profile) => samples.weight.reduce((sum, weight) => sum + weight, 0)
  const inSteps = finish(invertSteps(large, 9)).profile
  expect(inSteps).toEqual(invertProfile(large, 9).profile)
  expect(sums(inSteps)).toBe(sums(large))
  expect(finish(findingSteps(large, () => ''))).toEqual(findingsOf(large, () => ''))
})

test('a view that was given up halfway is made anew', () => {
  const views = viewsOf(large)
  const view = { threshold: 0, invert: true, levels: 9 }
  const given = views(view)
  given.next()
  const whole = finish(views(view)).profile
  expect(whole).toEqual(finish(viewsOf(large)(view)).profile)
  expect(finish(given).profile).toEqual(whole)
})
