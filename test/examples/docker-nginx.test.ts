/**
 * examples/docker-nginx: its files fit each other, and the app works behind a proxy that sends what
 * its nginx.conf says.
 */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { profview } from '../support/cli.js'
import { EXAMPLES, Example } from './example.js'

const FOLDER = join(EXAMPLES, 'docker-nginx')
const SECRET = 's'.repeat(44)
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')
const { services, volumes } = parse(read('compose.yaml'))
const nginx = read('nginx.conf')

const app = new Example('docker-nginx')
const dir = join(app.folder, 'volume')
let proxy: Server
let url: string
beforeAll(async () => {
  const { NODE_ENV } = services.app.environment
  const env = { NODE_ENV, PROFVIEW_DIR: dir, PROFVIEW_SECRET: SECRET }
  const port = Number(await app.start('start', /\d+$/, env))
  proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, ...headersOf(incoming) }
    const options = { port, path: incoming.url, headers, agent: false }
    const onward = httpRequest(options, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy()).end()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterAll(async () => {
  proxy.close()
  proxy.closeAllConnections()
  await app.remove()
})

/** What nginx would set. */
function headersOf({ headers, socket }: IncomingMessage): Record<string, string> {
  const values: Record<string, string> = {
    $host: headers.host!.split(':')[0]!,
    $proxy_add_x_forwarded_for: socket.remoteAddress!,
    $msec: (Date.now() / 1000).toFixed(3),
  }
  const set = [...nginx.matchAll(/proxy_set_header (\S+) "?(.*?)"?;/g)]
  return Object.fromEntries(
    set.map(([, name, value]) => [
      name!.toLowerCase(),
      value!.replace(/\$\w+/, (variable) => values[variable]!),
    ]),
  )
}

test('its files name what there is', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (\S+) /gm)].map(([, file]) => file!)
  for (const file of copied) expect(existsSync(join(FOLDER, file)), file).toBe(true)
  const { start } = JSON.parse(read('package.json')).scripts
  expect(read('Dockerfile')).toContain(`CMD ${JSON.stringify(start.split(' ')).replace(',', ', ')}`)
  const [, upstream] = /proxy_pass http:\/\/(\w+);/.exec(nginx)!
  const [, host, port] = new RegExp(`upstream ${upstream} \\{\\s+server (\\w+):(\\d+);`).exec(
    nginx,
  )!
  expect(Object.keys(services)).toContain(host)
  expect(read('server.js')).toContain(`?? ${port}`)
  expect(services.nginx.ports[0].split(':').at(-1)).toBe(/listen (\d+);/.exec(nginx)![1])
  expect(nginx.split('{').length).toBe(nginx.split('}').length)
  const [volume, mounted] = services.app.volumes[0].split(':')
  expect(Object.keys(volumes)).toEqual([volume])
  expect(services.app.environment.PROFVIEW_DIR).toBe(mounted)
  expect(read('Dockerfile')).toContain(`VOLUME ${mounted}`)
  expect(existsSync(join(FOLDER, services.nginx.volumes[0].split(':')[0]))).toBe(true)
})

test('behind the proxy a bare trigger opens nothing', async () => {
  const answer = await fetch(`${url}/users/7`, { headers: { 'x-profile': '1' } })
  expect([answer.status, answer.headers.get('x-profile-id')]).toEqual([200, null])
})

test('and a signed one does, with what nginx says of when it came', async () => {
  const env = { PROFVIEW_SECRET: SECRET }
  const token = profview(['token', '--path', '/users/7'], { env }).out.trim()
  const answer = await fetch(`${url}/users/7`, { headers: { 'x-profile': token } })
  expect(answer.headers.get('x-profile-id')).toMatch(/^[0-9a-f]+$/)
  const list = () => JSON.parse(profview(['list', dir, '--json']).out)
  await expect.poll(() => list().length).toBe(1)
  const [{ request, queued }] = list()
  expect(request).toMatchObject({ method: 'GET', route: '/users/:id', status: 200 })
  expect(queued.maxMicros).toBeGreaterThanOrEqual(queued.minMicros)
})
