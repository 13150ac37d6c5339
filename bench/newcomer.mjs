/**
 * A newcomer's first minute, timed: from `npm install` of the packed package to the answer of
 * `?profile=html`, and to `npx profview show`, in each way to run an app. It needs the registry.
 *
 *     npm run bench:newcomer               // all of them
 *     npm run bench:newcomer -- tsx pnpm
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')
const LONGEST_MS = 120_000

const NODE_24 = ['npm', 'exec', '--yes', '--package=node@24', '--', 'node']
const SERVER = `
import express from 'express'
import { profiler } from 'profview'

const app = express()
app.use(profiler())
app.get('/users/:id', async (request, response) => {
  response.json(await loadUser(request.params.id))
})

async function loadUser(idTYPE) {
  await new Promise((resolve) => setTimeout(resolve, 30))
  return { id }
}

const server = app.listen(Number(process.env.PORT), () => {
  console.log('at http://localhost:' + (server.address()ADDRESS).port + '/users/7')
})
`
const PLAIN = { 'server.js': SERVER.replace('TYPE', '').replace('ADDRESS', '') }
const TYPED = SERVER.replace('TYPE', ': string').replace('ADDRESS', ' as { port: number }')
const CLUSTER = `
import cluster from 'node:cluster'
cluster.setupPrimary({ exec: 'server.js' })
for (let i = 0; i < 2; i++) cluster.fork()
process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.process.kill(); process.exit() })
`

/** What is installed beside it, what it is made of, and how it is started. */
const WAYS = {
  node: { files: PLAIN, start: ['node', 'server.js'] },
  tsx: { also: ['tsx'], files: { 'server.ts': TYPED }, start: ['npx', 'tsx', 'server.ts'] },
  'ts-node': {
    also: ['ts-node', 'typescript@5', '@types/node', '@types/express'],
    type: 'commonjs',
    files: {
      'server.ts': TYPED,
      'tsconfig.json': '{ "compilerOptions": { "module": "node16", "strict": true } }',
    },
    start: ['node', '--enable-source-maps', '-r', 'ts-node/register', 'server.ts'],
  },
  'native TypeScript': { files: { 'server.ts': TYPED }, start: [...NODE_24, 'server.ts'] },
  pnpm: {
    install: ['npx', '--yes', 'pnpm@10', 'add'],
    files: PLAIN,
    start: ['npx', '--yes', 'pnpm@10', 'exec', 'node', 'server.js'],
  },
  nodemon: { also: ['nodemon'], files: PLAIN, start: ['npx', 'nodemon', '--quiet', 'server.js'] },
  cluster: { files: { ...PLAIN, 'cluster.js': CLUSTER }, start: ['node', 'cluster.js'] },
}

const work = mkdtempSync(join(tmpdir(), 'profview-newcomer-'))
try {
  const wanted = process.argv.slice(2)
  const args = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', work]
  const tarball = join(work, run('npm', args, ROOT).trim().split('\n').at(-1))
  for (const [name, way] of Object.entries(WAYS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    const times = await firstMinute(name, way, tarball)
    console.log(name.padEnd(18), times.map(([what, ms]) => `${what} ${seconds(ms)}`).join('  '))
  }
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

// --- internal ---

async function firstMinute(name, way, tarball) {
  const { also = [], files, type = 'module', install = ['npm', 'install', '--no-audit'] } = way
  const cwd = join(work, name)
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ private: true, type }))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text)
  const begin = performance.now()
  const times = []
  const done = (what) => times.push([what, performance.now() - begin])
  run(install[0], [...install.slice(1), tarball, 'express', ...also], cwd)
  done('installed')
  const [program, ...args] = way.start
  // A group of its own: what it starts ends with it.
  const app = spawn(program, args, {
    cwd,
    detached: true,
    env: { ...process.env, PORT: '0', NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const guard = setTimeout(() => end(app), LONGEST_MS)
  let said = ''
  app.stderr.on('data', (text) => {
    said += text
  })
  try {
    const url = await addressOf(app).catch(() => {
      throw new Error(`${name}: ${said}`)
    })
    done('listening')
    const page = await (await fetch(`${url}?profile=html`)).text()
    if (!page.includes('<title>GET /users/:id')) throw new Error(`${name}: no report`)
    done('report')
    // Nobody knows better than the source where the function begins.
    const source = Object.entries(files).find(([file]) => file.startsWith('server.'))
    const line = source[1].split('\n').findIndex((text) => text.includes('function loadUser')) + 1
    const tree = run('npx', ['profview', 'show'], cwd)
    if (!tree.includes(`loadUser  ${source[0]}:${line}`)) throw new Error(`${name}:\n${tree}`)
    done('tree')
    return times
  } finally {
    clearTimeout(guard)
    end(app)
  }
}

async function addressOf(app) {
  for await (const line of createInterface({ input: app.stdout })) {
    const [url] = /http:\S+/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('it has ended')
}

function end({ pid }) {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended.
  }
}

function run(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`.padStart(7)
}
