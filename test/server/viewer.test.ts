/** `profview/viewer`, mounted in apps. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { viewer } from '../../src/server/viewer.js'
import type { ViewerIndex } from '../../src/viewer-api/wire.js'
import { express4, express5, serve } from '../support/app.js'
import { textOf, useBrowser } from '../support/browser.js'
import { temporaryDirectory, writeBusyMinute, writeOneDump } from '../support/shop.js'

const built: typeof import('../../src/server/viewer.js') = createRequire(import.meta.url)(
  '../../dist/bundle/viewer.js',
)
const { dir, remove } = temporaryDirectory()
writeBusyMinute(dir, 5)
afterAll(remove)

const onlyAdmins: RequestHandler = (request, response, next) => {
  if (request.get('authorization') === 'admin') next()
  else response.status(401).end()
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('in %s', (_name, express) => {
  test('it answers below the path where it is mounted, to whom the app lets through', async () => {
    const app = express()
    app.use((_request, response, next) => {
      response.set('content-security-policy', "default-src 'self' 'unsafe-inline'")
      next()
    })
    app.use('/ops/:team/profiles', onlyAdmins, viewer({ dir }))
    app.get('/', (_request, response) => void response.send('the app'))
    const { get } = await serve(app)
    const asAdmin = { headers: { authorization: 'admin' } }

    expect((await get('/ops/a/profiles/')).status).toBe(401)
    expect(await (await get('/')).text()).toBe('the app')
    const moved = await get('/ops/a/profiles?x', asAdmin)
    expect([moved.status, moved.headers.get('location')]).toEqual([302, './profiles/'])
    const page = await get('/ops/a/profiles/', asAdmin)
    expect(await page.text()).toMatch(/src="\.\/assets\//)
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self';/)
    expect((await get('/ops/a/profiles/speedscope/', asAdmin)).status).toBe(200)
    const index = await get('/ops/a/profiles/api/index.json', asAdmin)
    const { entries } = (await index.json()) as ViewerIndex
    expect(entries).toHaveLength(5)
    const profile = await get(
      `/ops/a/profiles/api/selection.cpuprofile?ids=${entries[0]!.id}`,
      asAdmin,
    )
    const { $profview } = (await profile.json()) as { $profview: Record<string, unknown> }
    // The index is for lists.
    const { waits: _waits, ...facts } = $profview
    expect(facts).toEqual(entries[0]!.meta)
    for (const path of [
      'api/none',
      'api/selection.cpuprofile?ids=..%2f',
      '..%2f..%2fpackage.json',
    ]) {
      expect((await get(`/ops/a/profiles/${path}`, asAdmin)).status).toBeGreaterThanOrEqual(400)
    }
    const posted = await get('/ops/a/profiles/', { ...asAdmin, method: 'POST' })
    expect(posted.status).toBe(405)
  })
})

test('a directory that is made later', async () => {
  const late = join(dir, 'late')
  const app = express5()
  app.use('/p', viewer({ dir: late }))
  const { get } = await serve(app)
  const index = async () => (await (await get('/p/api/index.json')).json()) as ViewerIndex
  expect(await index()).toEqual({ entries: [], refusals: [] })
  mkdirSync(late)
  writeOneDump(late)
  expect((await index()).entries).toHaveLength(1)
})

test('PROFVIEW_DIR says where the dumps are', async () => {
  vi.stubEnv('PROFVIEW_DIR', dir)
  onTestFinished(() => void vi.unstubAllEnvs())
  const app = express5()
  app.use(viewer())
  const { get } = await serve(app)
  const { entries } = (await (await get('/api/index.json')).json()) as ViewerIndex
  expect(entries).toHaveLength(5)
})

test.each<[object, string]>([
  [{ dir: '' }, "option dir: '' is not a valid value: it must be a path"],
  [{ dir: 7 }, 'option dir: 7 is not a valid value: it must be a path'],
  [{ directory: 'x' }, 'option directory: there is no such option'],
])('%j is refused', (options, message) => {
  expect(() => viewer(options)).toThrow(message)
})

const browser = useBrowser()

test('a browser finds its way in it', async () => {
  const app = express5()
  app.use('/ops/profiles', built.viewer({ dir }))
  const { port } = await serve(app)
  const page = await browser.open()
  await page.goto(`http://127.0.0.1:${port}/ops/profiles`)
  await page.waitForSelector('tbody .request-row')
  await expect.poll(() => page.locator('tbody .request-row').count()).toBe(5)
  await page.locator('tbody .request-row a').first().click()
  await page.waitForSelector('tbody .tree-row')
  await page.getByRole('link', { name: 'Flame graph' }).click()
  await page.frameLocator('iframe').locator('canvas').first().waitFor()
  await expect.poll(() => textOf(page.locator('.top-bar'))).toMatch(/GET|POST/)
}, 60_000)
