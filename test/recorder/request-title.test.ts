import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { RequestTitle } from '../../src/recorder/request-subject.js'

test('a title is what it was at the request’s end, and keeps nothing of the request', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const begin = () => {
    const request = { method: 'GET', route: '' } as never as { route: string }
    const title = new RequestTitle(request as never, (at) => (at as never as typeof request).route)
    const { teller } = title
    const before = teller()
    request.route = '/users/:id'
    const during = teller()
    title.freeze()
    request.route = '/other'
    return { told: [before, during], teller, request: new WeakRef(request) }
  }
  const { told, teller, request } = begin()
  for (let i = 0; i < 50 && request.deref() !== undefined; i++) {
    await sleep(1)
    collect()
  }
  expect(request.deref()).toBe(undefined)
  expect([...told, teller()]).toEqual(['GET', 'GET /users/:id', 'GET /users/:id'])
})
