/** The package as it is published: packed, installed into an empty project, mounted, asked. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const IS_WINDOWS = process.platform === 'win32'

const APP = `
import express from 'express'
import { profiler } from 'profview'

const app = express()
app.use(profiler())
app.get('/users/:id', async function getUser(_request, response) {
  await new Promise((resolve) => setTimeout(resolve, 30))
  response.json({})
})
const server = app.listen(0, '127.0.0.1', async () => {
  const answer = await fetch('http://127.0.0.1:' + server.address().port + '/users/7?profile=1')
  console.log(answer.status, answer.headers.get('x-profile-id').length)
  server.close()
  server.closeAllConnections()
})
`

let work: string
let project: string
let packed: string[]

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'profview-package-'))
  project = join(work, 'project')
  mkdirSync(project)
  // What is built is packed: other tests run side by side and use it.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', work]
  const [{ filename, files }] = JSON.parse(npm(args, ROOT))
  packed = files.map(({ path }: { path: string }) => path)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(project, 'app.js'), APP)
  npm(['install', '--prefer-offline', '--no-save', join(work, filename), 'express'], project)
}, 180_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

test('it holds what runs, and nothing else', () => {
  const tops = new Set(packed.map((path) => path.split('/')[0]))
  expect([...tops].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'package.json',
  ])
  // A map would lead to sources that are not there, and a link to a map to nothing at all.
  expect(packed.filter((path) => path.endsWith('.map'))).toEqual([])
  const linking = packed.filter((path) => /^\/\/[#@] sourceMappingURL=(?!data:)/m.test(read(path)))
  expect(linking).toEqual([])
  expect(packed).toContain('dist/bundle/index.js')
  expect(packed).toContain('dist/bundle/index.d.mts')
  expect(packed).toContain('dist/viewer/index.html')
  expect(packed).toContain('dist/bundle/schema.json')
})

test('the registry’s page can say whose it is, where it lives and where to complain', () => {
  const { homepage, bugs, repository, license, author, description, keywords, engines } =
    JSON.parse(read('package.json'))
  const there = { homepage, bugs, repository: repository?.url, license, author, description }
  for (const [name, value] of Object.entries(there)) expect(value, name).toMatch(/\w/)
  expect(keywords).toContain('profiler')
  expect(engines).toEqual({ node: '>=20.19' })
})

test('installing it installs nothing that is for developers', () => {
  const installed = readdirSync(join(project, 'node_modules'))
  for (const name of ['typescript', 'vite', 'vitest', 'preact', 'playwright-core']) {
    expect(installed).not.toContain(name)
  }
})

const UNPROFILED = /profview: requests are served unprofiled: .*--external:profview/

test('an app profiles a request, and the commands show it', async () => {
  expect(await node('app.js')).toBe('200 16\n')
  const [dump, ...others] = readdirSync(join(project, 'profiles')).filter(
    (name) => !name.startsWith('.'),
  )
  expect(others).toEqual([])
  expect(npx('list')).toMatch(/GET \/users\/:id +200/)
  const tree = npx('show', join('profiles', dump!))
  expect(tree).toMatch(/getUser +app\.js:7/)
  expect(tree).toMatch(/\[await\] timer 30 ms/)
}, 60_000)

test.each([
  ['bundled with it', [], [], UNPROFILED, null],
  [
    'bundled with it, with register in front',
    [],
    ['--import', 'profview/register'],
    UNPROFILED,
    16,
  ],
  ['bundled without it', ['profview'], [], /^$/, 16],
] as const)(
  'an app %s',
  async (_what, external, flags, said, idLength) => {
    const text = `import { createServer } from 'node:http'
    import { profiler } from 'profview'
    const middleware = profiler({ authorize: () => true, logger: { info() {}, warn: console.error } })
    const server = createServer((request, response) =>
      middleware(request, response, () => response.end('hello')))
    server.listen(0, '127.0.0.1', async () => {
      const answer = await fetch('http://127.0.0.1:' + server.address().port + '/?profile=1')
      const id = answer.headers.get('x-profile-id')
      console.log(JSON.stringify([answer.status, await answer.text(), id?.length ?? null]))
      server.close()
      server.closeAllConnections()
    })`
    const stdin = { contents: text, resolveDir: project }
    const outfile = join(project, 'bundled.cjs')
    buildSync({ stdin, outfile, bundle: true, platform: 'node', external: [...external] })
    const { stdout, stderr } = await nodeRun(...flags, 'bundled.cjs')
    expect(JSON.parse(stdout)).toEqual([200, 'hello', idLength])
    expect(stderr).toMatch(said)
  },
  60_000,
)

test('its viewer answers', async () => {
  const bin = join(project, 'node_modules/profview/bin/profview.js')
  const child = spawn(process.execPath, [bin, 'open', 'profiles', '--no-open', '--port', '0'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const line = await new Promise<string>((resolve) => {
      child.stdout.once('data', (data) => resolve(String(data)))
    })
    const page = await fetch(line.trim().replace('profview: ', ''))
    expect(await page.text()).toMatch(/<script type="module"/)
  } finally {
    child.kill()
  }
})

describe('TypeScript finds its types', () => {
  const text = `import { createServer } from 'node:http2'
import express, { type Request } from 'express'
import { ProfviewError, profiler, type ProfilerOptions, readProfile } from 'profview'
import { profiler as fastifyPlugin } from 'profview/fastify'
import { profiler as honoMiddleware } from 'profview/hono'
import { profiler as koaMiddleware, type ProfilerOptions as KoaOptions } from 'profview/koa'
import { viewer, type ViewerOptions } from 'profview/viewer'
import 'profview/register'

const options: ProfilerOptions<Request> = {
  arm: 'trigger',
  limits: { files: 10 },
  authorize: (request) => request.get('x-team') === 'performance',
}
const where: ViewerOptions = { dir: 'profiles' }
express().use(profiler(options)).use(profiler()).use('/profiles', viewer(where))
export const micros: number = readProfile('x.cpuprofile').sources[0]!.durationMicros
export const isOurs = (error: unknown) => error instanceof ProfviewError && error.code === 'IO'
const open: KoaOptions = { authorize: (request) => request.headers['x-team'] === 'performance' }
export const counts: number = koaMiddleware(open).counts.refused + honoMiddleware(open).counts.refused
fastifyPlugin({}, open, () => {})
const middleware = profiler()
export const server = createServer((request, response) =>
  middleware(request, response, () => response.end()))
// @ts-expect-error: there is no such option
profiler({ armed: true })
// @ts-expect-error: nor here
koaMiddleware({ armed: true })
`
  const types = join(ROOT, 'node_modules/@types')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')

  const both = ['module.mts', 'required.cts']

  test.each([
    ['nodenext', 'nodenext', both, 'module'],
    ['node16', 'node16', both, 'module'],
    ['node18', 'node16', both, 'module'],
    // A project without "type": its .ts files are CommonJS.
    ['node16', 'node16', ['typed.ts'], 'commonjs'],
    ['nodenext', 'nodenext', ['typed.ts'], 'commonjs'],
    ['commonjs', 'node10', ['typed.ts'], 'commonjs'],
    ['esnext', 'bundler', ['typed.ts'], 'module'],
    ['preserve', 'bundler', ['typed.ts'], 'commonjs'],
  ])('in module %s, resolved as in %s, of %j, type %s', (module, moduleResolution, files, type) => {
    const consumer = join(project, `${module}-${type}`)
    mkdirSync(consumer)
    writeFileSync(join(consumer, 'package.json'), JSON.stringify({ type }))
    for (const file of files) writeFileSync(join(consumer, file), text)
    const compilerOptions = {
      module,
      target: 'es2022',
      moduleResolution,
      esModuleInterop: true,
      resolveJsonModule: true,
      strict: true,
      noEmit: true,
      typeRoots: [types],
      types: ['node'],
      paths: { express: [join(types, 'express/index.d.ts')] },
    }
    const config = JSON.stringify({ compilerOptions, files })
    writeFileSync(join(consumer, 'tsconfig.json'), config)
    const { stdout } = spawnSync(process.execPath, [tsc], { cwd: consumer, encoding: 'utf8' })
    expect(stdout).toBe('')
  })
})

test('require gives what import gives, and the schema', async () => {
  writeFileSync(
    join(project, 'required.cjs'),
    `const names = ['', '/fastify', '/koa', '/hono', '/viewer', '/schema.json']
    console.log(names.map((name) => typeof require('profview' + name)).join(' '))`,
  )
  expect(await node('required.cjs')).toBe(`${Array(6).fill('object').join(' ')}\n`)
}, 60_000)

// --- internal ---

/** A file as it was installed. */
function read(path: string): string {
  return readFileSync(join(project, 'node_modules/profview', path), 'utf8')
}

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    shell: IS_WINDOWS,
    // Errors come with the exception.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function npx(...args: string[]): string {
  return execFileSync('npx', ['--no', 'profview', ...args], {
    cwd: project,
    encoding: 'utf8',
    shell: IS_WINDOWS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function node(script: string): Promise<string> {
  return (await nodeRun(script)).stdout
}

function nodeRun(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, NODE_ENV: 'development' }
  const options = { cwd: project, env, timeout: 50_000 }
  return promisify(execFile)(process.execPath, args, options)
}
