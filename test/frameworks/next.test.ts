/** What else there is in Next: pages and API routes; and pages that answer in place of others. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Running } from './running.js'
import { FRAMEWORKS } from './table.mjs'

let running: Running

beforeAll(async () => {
  running = await Running.start(FRAMEWORKS.find(({ name }) => name.startsWith('Next'))!, 'register')
})
afterAll(() => running?.stop())

test.each([
  ['a page of the app router', '/about/tea', 200, 'tea<!-- --> by <!-- -->Ada', '/about/[topic]'],
  ['a page of the pages router', '/people/7', 200, '<p>Ada</p>', '/people/[id]'],
  ['a page that throws', '/people/13', 500, 'Internal Server Error', '/people/[id]'],
  ['a page that finds nothing', '/people/0', 404, 'could not be found', '/people/[id]'],
  ['an API route', '/api/users/7', 200, '"name":"Ada"', '/api/users/[id]'],
  ['an API route that is not there', '/api/nothing', 404, 'could not be found', ''],
  ['what is below no page', '/users', 404, 'could not be found', ''],
  ['a file that is not there', '/_next/static/x', 404, 'Not Found', ''],
])('%s', async (_, path, status, text, route) => {
  const { answer, dump } = await running.profiled(path)
  expect(answer.body).toContain(text)
  expect(dump.meta.request).toMatchObject({ status, route })
  // Of a page its own code is in it, too.
  if (route !== '' && status === 200) expect(dump.names).toContain('findUser')
})
