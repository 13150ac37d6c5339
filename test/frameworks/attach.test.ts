/** `profview attach` knows the routes of frameworks that were never prepared for it. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT, run, temporaryDir } from '../support/app.js'
import { answerOf, inventoryOf, load, type Server, stranger } from '../support/stranger.js'

/** However many connections of clients are kept alive. */
async function kindsIn(server: Server): Promise<Record<string, unknown>> {
  const { sockets, resources, ...rest } = await inventoryOf(server)
  return {
    ...rest,
    sockets: new Set(sockets as string[]),
    resources: new Set(resources as string[]),
  }
}

const BIN = join(ROOT, 'bin/profview.js')

describe.runIf(process.platform === 'linux')('attached to', { timeout: 90_000 }, () => {
  test.each(['fastify', 'koa', 'nest'])('%s, which is then as it was', async (FRAMEWORK) => {
    const env = { FRAMEWORK, FRAMEWORKS: import.meta.dirname }
    const { pid, servers } = await stranger({ env })
    const server = servers[0]!
    const dir = temporaryDir()
    // Some of its connections rest before, as they do after.
    await load(server, '/page/5')()
    const before = await kindsIn(server)
    const answer = await answerOf(server, '/page/5')
    const stop = load(server, '/page/10')
    const { out, err, code } = await run(process.execPath, [
      ...[BIN, 'attach', String(pid), '--for', '2s', '--dir', dir],
      ...['--route', 'GET /page/:ms'],
    ])
    await stop()
    expect([err, code]).toEqual(['', 0])
    expect(out).toContain('\nGET /page/:ms (')
    await expect.poll(() => kindsIn(server), { timeout: 20_000 }).toEqual(before)
    expect(await answerOf(server, '/page/5')).toBe(answer)
  })
})
