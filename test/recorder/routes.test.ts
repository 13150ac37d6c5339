/** Where a request's route comes from when the framework is not alone to say. */
import { describe, expect, test } from 'vitest'
import type { ProfilerOptions } from '../../src/index.js'
import { routePatterns } from '../../src/recorder/route-patterns.js'
import { Dumps, express5, profview, serve } from '../support/app.js'

const TRIGGER = { headers: { 'x-profile': '1' } }

function fitting(patterns: string[], path: string): string | undefined {
  return routePatterns(patterns)!.find(({ fits }) => fits.test(path))?.pattern
}

describe('a pattern', () => {
  test.each([
    ['/users/:id', '/users/7', true],
    ['/users/:id', '/users/7/', true],
    ['/users/:id', '/Users/7', true],
    ['/users/:id', '/users/', false],
    ['/users/:id', '/users/7/posts', false],
    ['/users/:id', '/x/users/7', false],
    ['/v:version.json', '/v2.json', true],
    ['/v:version.json', '/v2xjson', false],
    ['/a.b/c', '/a.b/c', true],
    ['/a.b/c', '/aXb/c', false],
    ['/files/*', '/files/a/b.txt', true],
    ['/files/*', '/files', true],
    ['/files/*rest', '/files/a', true],
    ['/files/*', '/filesystem', false],
    ['/', '/', true],
    ['/', '/a', false],
    ['/*', '/a/b', true],
  ])('%s of %s: %s', (pattern, path, fits) => {
    expect(fitting([pattern], path)).toBe(fits ? pattern : undefined)
  })

  test('the first that fits counts', () => {
    expect(fitting(['/users/me', '/users/:id', '/*'], '/users/me')).toBe('/users/me')
    expect(fitting(['/users/me', '/users/:id', '/*'], '/users/7')).toBe('/users/:id')
    expect(fitting(['/users/me', '/users/:id', '/*'], '/other')).toBe('/*')
  })

  test.each([
    [['users']],
    [['/a', 7]],
    [['/:a-:b']],
    [['/a*/b']],
    [['/*/b']],
    [['/a{/:b}']],
    ['/a'],
  ])('%j is none', (patterns) => {
    expect(routePatterns(patterns)).toBe(undefined)
  })

  test('no path takes long', () => {
    const { fits } = routePatterns(['/a:b-c/:d/e:f/*'])![0]!
    const start = process.cpuUsage()
    expect(fits.test(`/a${'-c'.repeat(50_000)}/${'d'.repeat(50_000)}/x`)).toBe(false)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(1000)
  })
})

describe('of an app without routes', () => {
  async function routeIn(options: ProfilerOptions, path: string): Promise<string> {
    const dumps = new Dumps()
    const middleware = profview.profiler(dumps.options(options))
    const { get } = await serve((request, response) =>
      middleware(request, response, () => response.end()),
    )
    await get(path, TRIGGER)
    return (await dumps.one()).meta.request!.route
  }

  test.each<[ProfilerOptions, string, string]>([
    [{}, '/users/7', ''],
    [{ routes: ['/users/:id'] }, '/users/7?a=b', '/users/:id'],
    [{ routes: ['/users/:id'] }, '/teams/7', ''],
    [{ route: () => '/mine' }, '/users/7', '/mine'],
    [{ route: () => '/mine', routes: ['/users/:id'] }, '/users/7', '/mine'],
    [{ route: () => '', routes: ['/users/:id'] }, '/users/7', '/users/:id'],
    [{ route: () => 7 as never }, '/users/7', ''],
    [{ route: () => 'x'.repeat(1000) }, '/users/7', 'x'.repeat(500)],
  ])('%o: %s is %j', async (options, path, route) => {
    expect(await routeIn(options, path)).toBe(route)
  })

  test('a callback that fails costs its route only', async () => {
    const route = () => {
      throw new Error('of the app')
    }
    expect(await routeIn({ route, routes: ['/users/:id'] }, '/users/7')).toBe('/users/:id')
  })
})

test('the app is heard before its framework, and patterns after it', async () => {
  const dumps = new Dumps()
  const app = express5()
  const options: ProfilerOptions = {
    routes: ['/users/*', '/other/:thing'],
    route: (request) => (request.headers.host === 'mine' ? '/mine' : ''),
  }
  app.use(profview.profiler(dumps.options(options)))
  app.get('/users/:id', (request, response) => {
    if (request.query.said === 'yes') profview.annotate({ route: 'said' })
    response.end()
  })
  const { get } = await serve(app)
  const routes: string[] = []
  for (const path of ['/users/7', '/users/7?said=yes', '/other/7']) {
    await get(path, TRIGGER)
    routes.push((await dumps.one()).meta.request!.route)
  }
  expect(routes).toEqual(['/users/:id', 'said', '/other/:thing'])
})
