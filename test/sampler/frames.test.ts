/** Which frames a profile shows: the app's, and never ours. */
import { expect, test } from 'vitest'
import { pathOf } from '../../src/sampler/engine-frames.js'
import { ledgerOf, paths, record } from '../support/recorded.js'
import { burn, sleep } from '../support/waits.mjs'

test('no frame of profview itself is part of anybody’s stack', async () => {
  const recorded = await record(async () => {
    for (let i = 0; i < 300; i++) await Promise.resolve()
    burn(30)
    await sleep(300)
    burn(30)
  })
  const ours = recorded.frames.filter(({ file }) => /\/dist\/(sampler|middleware)\//.test(file))
  expect(ours).toEqual([])
  expect([...paths(recorded)].some(({ names }) => names.includes('[profiler]'))).toBe(true)
  expect(ledgerOf(recorded).profiler).toBeGreaterThan(0)
})

test('files are paths, whatever kind of module they are', async () => {
  const recorded = await record(() => burn(30))
  expect(recorded.frames.filter(({ file }) => file.startsWith('file:'))).toEqual([])
  expect(recorded.frames.some(({ name, line }) => name === 'burn' && line > 0)).toBe(true)
})

test.each([
  ['file:///srv/a%23b%3Fc%25d/%C3%A9.js', '/srv/a#b?c%d/é.js'],
  ['/srv/a%23b/x.cjs', '/srv/a%23b/x.cjs'],
  ['file:///srv/%E9.js', 'file:///srv/%E9.js'],
  ['node:fs', 'node:fs'],
  // Its text may have come with a request.
  ['data:text/javascript,export default "secret"', 'data:text/javascript'],
  ['data:application/json;base64,c2VjcmV0', 'data:application/json'],
  ['data:,secret', 'data:'],
])('%s is %s', (url, path) => {
  expect(pathOf(url)).toBe(path)
})
