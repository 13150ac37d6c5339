/** The PostgreSQL that other tests here ask: it is real, and it ends with whoever started it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { ROOT } from '../support/app.js'
import { POSTGRES, startPostgres } from '../support/databases.js'

interface Client {
  connect(): Promise<void>
  query(sql: string): Promise<{ rows: unknown[] }>
  end(): Promise<void>
}
const { Client } = createRequire(import.meta.url)('pg') as {
  Client: new (options: object) => Client
}

/** Does anybody listen there? */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const [error] = await Promise.race([
    once(socket, 'connect').then(() => [null]),
    once(socket, 'error'),
  ])
  socket.destroy()
  return error === null
}

test.skipIf(POSTGRES === null)('a server of the test’s own answers, and stops', async () => {
  const { port, stop } = await startPostgres()
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  await client.connect()
  const { rows } = await client.query('select 6 * 7 as answer')
  expect(rows).toEqual([{ answer: 42 }])
  await client.end()
  await stop()
  expect(await answers(port)).toBe(false)
})

test.skipIf(POSTGRES === null)('it ends when its owner is killed', async () => {
  const owner = `
    import { spawn } from 'node:child_process'
    spawn(process.execPath, ['test/support/postgres-keeper.mjs', process.argv[1]],
      { stdio: ['pipe', 'inherit', 'inherit'] })
  `
  const args = ['--input-type=module', '-e', owner, '--', POSTGRES!]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const { port } = JSON.parse(String(line))
  expect(await answers(port)).toBe(true)
  child.kill('SIGKILL')
  await vi.waitFor(async () => expect(await answers(port)).toBe(false), { timeout: 30_000 })
})
