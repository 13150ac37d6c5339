/** GraphQL and tRPC: one path for all, and each operation by its name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clockedOnes } from './own-time.js'
import { type Mount, Running } from './running.js'

const HEADERS = { 'content-type': 'application/json' }
const NAMES = ['a', 'b', 'c', 'd']

/** What asks for an operation: path, method and body. */
interface Operation {
  readonly path: string
  readonly method: string
  readonly body: string
}

interface Kind {
  readonly mounts: readonly Mount[]
  readonly named: readonly (readonly [Operation, string])[]
  readonly clocked: (name: string) => Operation
}

function graphql(query: string, operationName?: string): Operation {
  // Yoga and Apollo stand somewhere else by default.
  return { path: '/graphql', method: 'POST', body: JSON.stringify({ query, operationName }) }
}

const GRAPHQL = {
  named: [
    [graphql('query GetUser { user(id: 7) { name } }'), 'POST query GetUser 200'],
    [
      graphql('query One { user(id: 1) { name } } query Two { user(id: 2) { name } }', 'Two'),
      'POST query Two 200',
    ],
  ],
  clocked: (name: string) => graphql(`query Clock_${name} { clocked(name: "${name}") { name } }`),
} as const

const input = (value: unknown) => encodeURIComponent(JSON.stringify(value))

const KINDS: Readonly<Record<string, Kind>> = {
  apollo: { ...GRAPHQL, mounts: ['register'] },
  yoga: { ...GRAPHQL, mounts: ['app', 'register'] },
  'graphql-http': { ...GRAPHQL, mounts: ['app', 'register'] },
  trpc: {
    mounts: ['app', 'register'],
    named: [
      [
        { path: `/users.get?input=${input(7)}`, method: 'GET', body: '' },
        'GET query users.get 200',
      ],
      [{ path: '/users.rename', method: 'POST', body: '7' }, 'POST mutation users.rename 200'],
    ],
    clocked: (name) => ({
      path: `/clock${name.toUpperCase()}?input=${input(name)}`,
      method: 'GET',
      body: '',
    }),
  },
}

const ALL = Object.entries(KINDS).flatMap(([kind, { mounts }]) =>
  mounts.map((mount) => [kind, mount] as const),
)

describe.each(ALL)('%s by %s', (kind, mount) => {
  const { named, clocked } = KINDS[kind]!
  let running: Running

  beforeAll(async () => {
    const app = { name: kind, file: 'operations.mjs', env: { KIND: kind }, flag: '--import' }
    running = await Running.start(app as never, mount)
  })
  afterAll(() => running?.stop())

  const ask = ({ path, method, body }: Operation) =>
    running.profiled(path, { method, headers: HEADERS, ...(method === 'POST' && { body }) })

  test.each(named)('$path is named', async (operation, title) => {
    const { answer, dump } = await ask(operation)
    expect(answer.body).toContain('Ada')
    const { method, route, status } = dump.meta.request!
    expect(`${method} ${route} ${status}`).toBe(title)
    expect(dump.names).toContain('findUser')
  })

  test('four at once, to each its own', async () => {
    const all = await clockedOnes(running, NAMES, () =>
      Promise.all(NAMES.map((name) => ask(clocked(name)))),
    )
    expect(new Set(all.map(({ dump }) => dump.meta.request!.route)).size).toBe(NAMES.length)
    for (const { dump } of all) expect(dump.names).toContain('[await] timer 30 ms')
  })
})
