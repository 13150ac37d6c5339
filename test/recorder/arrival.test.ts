/** What the kernel says of when a request came, against the clock of the process that sent it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { DumpMeta } from '../../src/index.js'
import { cameAlone, questionAbout } from '../../src/recorder/arrival.js'
import { noteArrival } from '../../src/recorder/writer/arrivals.js'
import { hrtimeMs } from '../../src/sampler/clock.js'
import { type Queueing, queueingOf } from '../../src/sampler/queue-bound.js'
import { ROOT, rawConnection, runScript, serve as serveApp, temporaryDir } from '../support/app.js'
import { checkDump, filesIn } from '../support/dump-check.js'

const hasSs = spawnSync('ss', ['-V']).status === 0

/** `/hog/250` keeps the loop busy; everything else answers after a while, when it was seen. */
const SERVE = `
  import http from 'node:http'
  import { profiler } from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist/bundle/index.mjs')).href)}
  const middleware = profiler()
  const burn = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
  const server = http.createServer((request, response) => {
    const [seconds, nanos] = process.hrtime()
    middleware(request, response, () => {
      const isHog = request.url.startsWith('/hog/')
      if (isHog) burn(Number(request.url.slice(5)))
      // The kernel is asked while the connection is there.
      setTimeout(() => response.end(String(seconds * 1000 + nanos / 1e6)), isHog ? 0 : 60)
    })
  })
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port))
`
const SERVE_IN_WORKER = `
  import cluster from 'node:cluster'
  if (cluster.isPrimary) cluster.fork()
  else await import('data:text/javascript,' + encodeURIComponent(${JSON.stringify(SERVE)}))
`

interface Served {
  readonly port: number
  readonly dir: string
}

async function serve(script: string): Promise<Served> {
  const temporary = temporaryDir()
  const dir = join(temporary, 'profiles')
  const main = join(temporary, 'server.mjs')
  writeFileSync(main, script)
  const { NODE_OPTIONS: _, NODE_ENV: __, ...env } = process.env
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { ...env, PROFVIEW_DIR: dir },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  let out = ''
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  return { dir, port: await vi.waitFor(() => Number(/port (\d+)/.exec(out)![1]), 20_000) }
}

/** On a connection of its own. The text of its answer, and between which times it was sent. */
async function ask(port: number, path: string, headers = '') {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  const before = hrtimeMs()
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`)
  const after = hrtimeMs()
  await once(socket, 'close')
  return { text, before, after }
}

interface Queued {
  readonly meta: DumpMeta
  /** Between which times it waited, by the clocks of client and server, ms. */
  readonly truth: { readonly least: number; readonly most: number }
}

/** A request that comes `delay` ms after one that keeps the loop busy. */
async function queue({ port, dir }: Served, delay: number): Promise<Queued> {
  const hog = ask(port, '/hog/250')
  await new Promise((resolve) => setTimeout(resolve, delay))
  const { text, before, after } = await ask(port, '/', 'x-profile: 1\r\n')
  await hog
  const id = /x-profile-id: (\w+)/i.exec(text)![1]!
  const seen = Number(/\r\n\r\n[\s\S]*?([\d.]+\.\d+)/.exec(text)![1])
  const meta = await vi.waitFor(
    () => {
      const whole = filesIn(dir).filter((name) => name.endsWith('.cpuprofile'))
      const metas = whole.map((name) => checkDump(join(dir, name)).meta)
      return metas.find((meta) => meta.id === id) ?? expect.fail('not written yet')
    },
    { timeout: 20_000, interval: 100 },
  )
  return { meta, truth: { least: seen - after, most: seen - before } }
}

describe('what the kernel says', () => {
  const loop = {
    from: 10,
    thenSleptMs: 0,
    thenEndedBy: 60,
    isOfSleep: false,
    sleptMs: 0,
    checkedAt: 60,
  }
  const bound = { seenAt: 100, ...loop, cameBy: 100, isOfBatch: false }
  const question = { ports: { local: 1, remote: 2 }, bytesRead: 18, origin: 5000 }
  const known = (bytes: number, cameAlone: boolean) => {
    const queueing = queueingOf(bound)
    noteArrival(queueing, question, { earliest: 5040, latest: 5050, bytes }, cameAlone)
    return [queueing.notBefore, queueing.notAfter]
  }

  test('it has come between the two, if the last data of its connection is the request', () => {
    expect(known(18, true)).toEqual([40, 50])
  })

  test('more may have come since: it has come before that', () => {
    expect(known(19, true)).toEqual([null, 50])
    expect(known(18, false)).toEqual([null, 50])
  })

  const socket = { localPort: 1, remotePort: 2, bytesRead: 18 }
  const asks = (changes: Partial<Queueing>, of: object = socket) =>
    questionAbout({ socket: of } as never, { ...queueingOf(bound), ...changes }) !== null

  test.runIf(process.platform === 'linux')('it is asked only where that could tell more', () => {
    expect(asks({})).toBe(true)
    expect(asks({ from: null })).toBe(true)
    expect(asks({ from: 85 })).toBe(false)
    expect(asks({ notBefore: 85 })).toBe(false)
    // The loop had nothing to do when it came.
    expect(asks({ sleptMs: 3 })).toBe(false)
    // A socket of the file system has no ports.
    expect(asks({ from: null }, { bytesRead: 18 })).toBe(false)
  })

  test.runIf(process.platform === 'linux')('of what is encrypted, the bytes on the wire', () => {
    const encrypted = { ...socket, _parent: { bytesRead: 1840 } }
    const asked = questionAbout({ socket: encrypted } as never, queueingOf(bound))!
    expect(asked.bytesRead).toBe(1840)
  })
})

describe('cameAlone', () => {
  const asked = async (text: string) => {
    const alone: [string, boolean][] = []
    const { port } = await serveApp((request, response) => {
      response.on('finish', () => alone.push([request.url!, cameAlone(request)]))
      request.resume().on('end', () => response.end('x'))
    })
    const { socket, until } = await rawConnection(port)
    socket.write(text)
    await until(/(x[\s\S]*){2}|close[\s\S]*x/)
    return alone
  }
  const get = (path: string, headers = '') =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`

  test('a request without a body and nothing behind it', async () => {
    expect(await asked(get('/', 'Connection: close\r\n'))).toEqual([['/', true]])
  })

  test('of two that came together only the last one', async () => {
    expect(await asked(get('/a') + get('/b'))).toEqual([
      ['/a', false],
      ['/b', true],
    ])
  })

  test.each(['Content-Length: 1\r\n', 'Transfer-Encoding: chunked\r\n'])('%s', async (header) => {
    const body = header.startsWith('C') ? 'x' : '0\r\n\r\n'
    expect(await asked(get('/', `${header}Connection: close\r\n`) + body)).toEqual([['/', false]])
  })
})

describe.skipIf(!hasSs)('the kernel’s word (skipped where there is no `ss` of iproute2)', () => {
  test.each([
    ['a process', SERVE],
    ['a worker of a cluster', SERVE_IN_WORKER],
  ])('%s: how long a request waited is known within 30 ms', async (_, script) => {
    const served = await serve(script)
    const [right, wrong]: string[][] = [[], []]
    for (let round = 0; right!.length < 3; round++) {
      const { meta, truth } = await queue(served, 20 + ((round * 53) % 200))
      const { minMicros, maxMicros } = meta.queued!
      expect(minMicros).toBeLessThanOrEqual(maxMicros ?? minMicros)
      const most = maxMicros ?? Number.POSITIVE_INFINITY
      // Clocks of two processes are read here, and the request is seen a moment before it is ours.
      const isRight = minMicros / 1000 < truth.most + 2 && most / 1000 > truth.least - 2
      const isClose = most - minMicros < 30_000 && truth.most > 50
      if (!isRight || isClose)
        (isRight ? right : wrong)!.push(JSON.stringify({ minMicros, maxMicros, ...truth }))
      // A busy machine's kernel may itself be late in counting time: seldom, and it cannot be seen.
      expect(wrong!.slice(1)).toEqual([])
    }
  })

  test.each([
    ['ends', 'process.exit(3)'],
    ['is killed', "process.kill(process.pid, 'SIGKILL')"],
  ])('who asks it ends with a process that %s', async (_, end) => {
    const ended = await runScript(`
      import { existsSync, readdirSync, readFileSync } from 'node:fs'
      import { profiler } from 'profview'
      const childrenOf = (task) => '/proc/self/task/' + task + '/children'
      const children = () => readdirSync('/proc/self/task')
        .map((task) => existsSync(childrenOf(task)) ? readFileSync(childrenOf(task), 'utf8') : '')
        .join(' ').trim()
      profiler({ dir: ${JSON.stringify(temporaryDir())} })
      const looking = setInterval(() => {
        if (children() === '') return
        console.log(children())
        ${end}
      }, 20)`)
    const pid = Number(ended.out)
    expect(pid).toBeGreaterThan(0)
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 20_000)
  })
})

/** Not one that has ended and only waits to be counted. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
