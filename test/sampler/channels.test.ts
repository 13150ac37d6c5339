/** That we listen to Node's diagnostics channels changes nothing in the app. */
import { execFile } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { profile } from '../../dist/bundle/index.mjs'

const SCRIPT = fileURLToPath(new URL('../support/channel-app.mjs', import.meta.url))

async function seenBy(mode: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, mode])
  return JSON.parse(stdout)
}

test('errors that nobody handles come out as they do without us', async () => {
  const plain = await seenBy('plain')
  expect(plain).toContain('uncaught ECONNREFUSED')
  expect(await seenBy('awaits')).toEqual(plain)
  expect(await seenBy('labels')).toEqual(plain)
})

const CHANNELS = [
  'child_process',
  'undici:request:create',
  'undici:client:sendHeaders',
  'undici:request:headers',
  'undici:request:error',
  'http.client.request.start',
  'http.client.request.error',
  'http.client.response.finish',
]

test.each(CHANNELS)(
  '%s is listened to while somebody is followed, whatever it says',
  async (name) => {
    expect(channel(name).hasSubscribers).toBe(false)
    const errors: unknown[] = []
    const note = (error: unknown) => void errors.push(error)
    process.on('uncaughtException', note)
    await profile(async () => {
      expect(channel(name).hasSubscribers).toBe(true)
      for (const message of [null, undefined, 1, {}, { request: null }, { process: {} }])
        channel(name).publish(message)
      await new Promise((resolve) => setTimeout(resolve, 5))
    })
    process.off('uncaughtException', note)
    expect(errors).toEqual([])
    expect(channel(name).hasSubscribers).toBe(false)
  },
)

// A listener would have the driver call back later, give other promises, or read its arguments.
const DRIVERS = ['mysql2:query', 'mysql2:execute', 'mysql2:connect', 'mysql2:pool:connect']
  .concat('node-redis:command', 'node-redis:batch', 'node-redis:connect')
  .concat('ioredis:command', 'ioredis:batch', 'ioredis:connect', 'pg:query')

test.each(DRIVERS)('%s is not listened to', async (name) => {
  for (const awaits of [true, false]) {
    await profile(
      async () => {
        await null
        for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error'])
          expect(channel(`tracing:${name}:${event}`).hasSubscribers).toBe(false)
      },
      { awaits },
    )
  }
})
