import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { decodeProfile, encodeProfile } from '../../src/formats/registry.js'
import { totalWeight } from '../../src/profile/calltree.js'
import type { DumpMeta } from '../../src/profile/profile.js'
import { startViewer, type ViewerServer } from '../../src/server/server.js'
import type { ViewerIndex } from '../../src/viewer-api/wire.js'
import { dumpOf } from '../support/dumps.js'
import { emptyPage } from '../support/empty-page.js'
import { sendRaw } from '../support/raw-http.js'
import { temporaryDirectory, writeBusyMinute, writeOneDump } from '../support/shop.js'

const { dir, remove } = temporaryDirectory()
const page = emptyPage(dir)
const open: ViewerServer[] = []

async function start(...inputs: string[]): Promise<(path: string) => Promise<Response>> {
  const viewer = await startViewer({ inputs, port: 0, page })
  open.push(viewer)
  const base = viewer.url.replace(/#.*/, '')
  return (path) => fetch(base + path)
}

afterEach(async () => {
  for (const viewer of open.splice(0)) await viewer.close()
})
afterAll(remove)

describe('a directory of dumps', () => {
  const dumps = join(dir, 'dumps')
  beforeAll(() => {
    execFileSync('mkdir', [dumps])
    writeBusyMinute(dumps, 20)
  })

  test('is listed newest first, with what the dumps say about themselves', async () => {
    const get = await start(dumps)
    const { entries, refusals } = (await (await get('api/index.json')).json()) as ViewerIndex
    expect(entries).toHaveLength(20)
    expect(refusals).toEqual([])
    const times = entries.map(({ meta }) => meta!.startedAt)
    expect(times).toEqual([...times].sort().reverse())
    for (const { meta, weight } of entries) {
      expect(Object.values(meta!.ledger).reduce((a, b) => a + b, 0)).toBe(weight)
    }
  })

  test('is read anew: a new dump appears, and what is unchanged is not sent again', async () => {
    const get = await start(dumps)
    const first = await get('api/index.json')
    const known = first.headers.get('etag')!.replaceAll('"', '')
    expect((await get(`api/index.json?known=${known}`)).status).toBe(204)
    writeOneDump(dumps)
    const second = await get(`api/index.json?known=${known}`)
    expect(((await second.json()) as ViewerIndex).entries).toHaveLength(21)
  })

  test('one dump is sent as it lies on disk', async () => {
    const get = await start(dumps)
    const [entry] = ((await (await get('api/index.json')).json()) as ViewerIndex).entries
    const answer = await get(`api/selection.cpuprofile?ids=${entry!.id}`)
    const profile = decodeProfile(new Uint8Array(await answer.arrayBuffer()), 'x.cpuprofile')
    expect(profile.sources).toEqual([entry!.meta])
  })

  test.each([
    ['all', () => true],
    ['route=GET%20%2Freport', (route: string) => route === 'GET /report'],
    ['worker=3', (_route: string, worker: number) => worker === 3],
  ])('%s: merged, and no time is lost', async (query, isMeant) => {
    const get = await start(dumps)
    const { entries } = (await (await get('api/index.json')).json()) as ViewerIndex
    const meant = entries.filter(({ meta }) =>
      isMeant(`${meta!.request!.method} ${meta!.request!.route}`, meta!.process.workerId),
    )
    expect(meant.length).toBeGreaterThan(1)
    const wanted = meant.reduce((sum, { weight }) => sum + weight!, 0)
    const bytes = await (await get(`api/selection.cpuprofile?${query}`)).arrayBuffer()
    expect(totalWeight(decodeProfile(new Uint8Array(bytes), 'x.cpuprofile'))).toBe(wanted)
  })

  test.each(['', 'ids=', 'ids=nothing', 'all&route=x', 'route=nowhere', 'ids=../../etc/passwd'])(
    'the selection "%s" is refused in one line',
    async (query) => {
      const get = await start(dumps)
      const answer = await get(`api/selection.cpuprofile?${query}`)
      expect(answer.status).toBe(422)
      expect(await answer.text()).toMatch(/^[a-z ]+\n$/)
    },
  )
})

describe('files that are no profiles', () => {
  test('are refused in one line each, and the rest is shown', async () => {
    const { dir: mixed, remove: removeMixed } = temporaryDirectory()
    try {
      writeOneDump(mixed)
      writeFileSync(join(mixed, 'cut.cpuprofile'), '{"$profview":{"version":1')
      writeFileSync(join(mixed, 'notes.txt'), 'hello\n')
      writeFileSync(join(mixed, '<b>%2e%2e.cpuprofile'), '')
      symlinkSync('/etc/passwd', join(mixed, 'linked.cpuprofile'))
      if (process.platform !== 'win32') execFileSync('mkfifo', [join(mixed, 'pipe.cpuprofile')])
      const get = await start(mixed)
      let index: ViewerIndex
      // Files for which there was no time are looked into at the next request.
      do index = (await (await get('api/index.json')).json()) as ViewerIndex
      while (index.entries.some(({ weight }) => weight === null))
      const { entries, refusals } = index
      expect(entries).toHaveLength(1)
      expect(refusals.map(({ file }) => file).sort()).toEqual([
        '<b>%2e%2e.cpuprofile',
        'cut.cpuprofile',
        'notes.txt',
      ])
      for (const { reason } of refusals) expect(reason).toMatch(/^\S[^\n]*$/)
    } finally {
      removeMixed()
    }
  })

  test('an input that is not there is a refusal, not an end', async () => {
    const get = await start(join(dir, 'missing'))
    const { entries, refusals } = (await (await get('api/index.json')).json()) as ViewerIndex
    expect(entries).toEqual([])
    expect(refusals).toHaveLength(1)
  })
})

test('kinds of dumps are not summed: all are the requests, and a choice of both is refused', async () => {
  const kinds = join(dir, 'kinds')
  execFileSync('mkdir', [kinds])
  const write = (id: string, micros: number, facts: Partial<DumpMeta> = {}) => {
    const bytes = encodeProfile(dumpOf(id, `main ${micros}`, facts), 'cpuprofile')
    writeFileSync(join(kinds, `${id}.cpuprofile`), bytes)
  }
  write('a', 3000)
  write('b', 4000)
  write('c', 90_000, { kind: 'process', request: null })
  const get = await start(kinds)
  const total = async (query: string) => {
    const answer = await get(`api/selection.cpuprofile?${query}`)
    return totalWeight(decodeProfile(new Uint8Array(await answer.arrayBuffer()), 'x'))
  }
  const { entries } = (await (await get('api/index.json')).json()) as ViewerIndex
  expect(entries).toHaveLength(3)
  expect(await total('all')).toBe(7000)
  expect(await total('worker=1')).toBe(7000)
  const refused = await get(`api/selection.cpuprofile?ids=${entries.map(({ id }) => id).join(',')}`)
  expect([refused.status, await refused.text()]).toEqual([
    422,
    'requests and process dumps are never summed\n',
  ])
})

test('a single file: the address is that of its call tree', async () => {
  const name = writeOneDump(dir)
  const viewer = await startViewer({ inputs: [join(dir, name)], port: 0, page })
  open.push(viewer)
  expect(viewer.url).toMatch(/#\/tree\?ids=[\w-]{10}$/)
})

test('a port that is taken: the next free one', async () => {
  const first = await startViewer({ inputs: [dir], port: 43_117, page })
  const second = await startViewer({ inputs: [dir], port: 43_117, page })
  open.push(first, second)
  expect(Number(new URL(second.url).port)).toBeGreaterThan(Number(new URL(first.url).port))
})

describe('the page and its files', () => {
  test('have the policies of what they are', async () => {
    const get = await start(dir)
    const html = await get('')
    expect(html.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';/,
    )
    expect(html.headers.get('content-security-policy')).not.toMatch(/unsafe/)
    const speedscope = await get('speedscope/')
    expect(speedscope.headers.get('content-security-policy')).not.toMatch(/unsafe-eval(?<!wasm-.*)/)
    for (const answer of [html, speedscope, await get('api/index.json'), await get('nothing')]) {
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(answer.headers.get('x-powered-by')).toBeNull()
      expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    }
  })

  test('source maps are not served', async () => {
    const get = await start(dir)
    expect((await get('assets/page.js')).status).toBe(200)
    expect((await get('assets/page.js.map')).status).toBe(404)
  })

  test.each([
    '..%2f..%2fetc/passwd',
    '../../etc/passwd',
    '%2e%2e/%2e%2e/etc/passwd',
    '..%5c..%5cetc%5cpasswd',
    'assets/..%2findex.html',
    'assets/../index.html',
    'assets/%2e%2e%2findex.html',
    'assets/%00',
    'assets/page.js%00.html',
    'assets/%',
    'assets/%E0%A4%A',
    'assets//page.js',
    'assets/__proto__',
    'assets/constructor',
    'speedscope/../../package.json',
    'speedscope/..%2f..%2fpackage.json',
    'speedscope/release.txt',
    'api/%2e%2e/index.html',
    '/x',
    '//evil.com/',
    `assets/${'a'.repeat(10_000)}`,
  ])('%s leads nowhere', async (path) => {
    await start(dir)
    const url = new URL(open.at(-1)!.url)
    const port = Number(url.port)
    const lines = [`Host: 127.0.0.1:${port}`, 'Connection: close']
    const answer = await sendRaw(port, [`GET ${url.pathname}${path} HTTP/1.1`, ...lines])
    expect([400, 404]).toContain(answer.status)
    expect(answer.body).toMatch(/^(Not Found|Bad Request)\n$/)
  })
})
