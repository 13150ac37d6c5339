/** The route that Koa's routers leave on a context, whoever has noted the context. */
import { expect, test } from 'vitest'
import { noteContext, routeOfKoa } from '../../src/middleware/routes-of-koa.js'
import type { IncomingRequest } from '../../src/recorder/request.js'

/** A router's layer that takes paths of one beginning. */
const layer = (path: unknown, start: string) => ({
  path,
  match: (text: string) => text.startsWith(start),
})

const USERS = '/users/:id'
const inMount = { _matchedRoute: USERS, matched: [layer(USERS, '/users/')], mountPath: '/api' }

test.each<[string, string, string, object]>([
  ['of a router in the app', USERS, '/users/7?x=/api', { ...inMount, mountPath: undefined }],
  ['of one in a mounted app', '/api/users/:id', '/api/users/7?x', inMount],
  ['of one in an app mounted in a mounted one', '/v1/api/users/:id', '/v1/api/users/7', inMount],
  ['of one mounted twice by one name', '/api/api/users/:id', '/api/api/users/7', inMount],
  ['of one that sees all of the path, beside a mounted one', USERS, '/users/7', inMount],
  ['of one that says nothing of its layers', USERS, '/api/users/7', { ...inMount, matched: null }],
  ['a regular expression', '/^\\/a/', '/a', { _matchedRoute: /^\/a/ }],
  ['a mount that is no text', USERS, '/api/users/7', { ...inMount, mountPath: { a: 1 } }],
  ['none', '', '/users/7', { mountPath: '/api' }],
  [
    'none that can be read',
    '',
    '/users/7',
    {
      get _matchedRoute() {
        throw new Error('of the app')
      },
    },
  ],
])('%s', (_, route, url, context) => {
  const request = { url } as IncomingRequest
  noteContext(request, context)
  expect(routeOfKoa(request)).toBe(route)
})

test('none of a request that is not Koa’s', () => {
  expect(routeOfKoa({ url: '/users/7' } as IncomingRequest)).toBe('')
})
