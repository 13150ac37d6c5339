// One PostgreSQL with a fresh, empty database, for as long as the standard input stays open: when
// whoever started this ends, however it ends, the server ends too, and nothing of it is left.
//
//     node postgres-keeper.mjs <directory with bin, lib and share>
//
// Prints `{"port":5433}` when it can be asked, for user `postgres` without a password.
import { spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

// PostgreSQL refuses root: then it runs as `nobody`.
const NOBODY = 65_534
const IS_ROOT = process.getuid?.() === 0
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '16MB',
  fsync: 'off',
  autovacuum: 'off',
  jit: 'off',
}
/** Another program may take the free port that was found before the server does. */
const PORTS_TRIED = 5

const work = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'profview-postgres-'))
// However this ends: nothing that runs at exit may wait.
process.on('exit', () => rmSync(work, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const native = reachable(process.argv[2])
const env = { ...process.env, ...libraries(native), LC_ALL: 'C', TZ: 'UTC' }
const data = join(work, 'data')
mkdirSync(data, { mode: 0o700 })
if (IS_ROOT) for (const path of [work, data]) chownSync(path, NOBODY, NOBODY)
initialize()
let server = null
for (let tried = 1; server === null; tried++) server = await start(await freePort(), tried)
process.stdin.resume().on('end', stop).on('error', stop)

function stop() {
  server.once('exit', () => process.exit())
  // "Immediate shutdown": its processes end at once, and nothing is written.
  server.kill(process.platform === 'win32' ? 'SIGTERM' : 'SIGQUIT')
}

function program(name) {
  return join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

function identity() {
  return IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}
}

function initialize() {
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8']
  const { status, stderr, error } = spawnSync(program('initdb'), [...args, '--locale=C'], {
    ...identity(),
    env,
    cwd: work,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`initdb: ${error?.message ?? stderr}`)
}

/** The server when it answers, or null if somebody else had the port. */
function start(port, tried) {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const child = spawn(program('postgres'), ['-D', data, ...settings], {
    ...identity(),
    env,
    cwd: work,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.once('exit', () => {
      if (tried < PORTS_TRIED && /Address already in use/i.test(said)) return resolve(null)
      process.stderr.write(said)
      process.exit(1)
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-10_000)
      if (!said.includes('ready to accept connections')) return
      child.removeAllListeners('exit').stderr.removeAllListeners('data').resume()
      console.log(JSON.stringify({ port }))
      resolve(child)
    })
  })
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The directory itself where `nobody` may use it, else a copy that is theirs. */
function reachable(directory) {
  if (!IS_ROOT || isForAll(join(directory, 'bin', 'initdb'))) return directory
  const copy = join(work, 'native')
  cpSync(directory, copy, { recursive: true, verbatimSymlinks: true })
  for (const name of ['', ...readdirSync(copy, { recursive: true })])
    lchownSync(join(copy, name), NOBODY, NOBODY)
  return copy
}

/** Is it, and every directory above it, for everybody? */
function isForAll(path) {
  for (let at = path; at !== dirname(at); at = dirname(at))
    if ((statSync(at).mode & 0o001) === 0) return false
  return true
}

/**
 * npm packages hold no links, and the script that makes those between the libraries' names may
 * not have run: the server then finds them in a directory of ours.
 */
function libraries(directory) {
  const listed = join(directory, 'pg-symlinks.json')
  if (!existsSync(listed)) return {}
  const links = join(work, 'lib')
  mkdirSync(links)
  for (const { source, target } of JSON.parse(readFileSync(listed, 'utf8'))) {
    if (dirname(target) !== 'native/lib') continue
    symlinkSync(join(directory, 'lib', basename(source)), join(links, basename(target)))
  }
  // A library looks for others beside the link by which it was found.
  const places = [links, join(directory, 'lib')].join(':')
  return process.platform === 'darwin' ? { DYLD_LIBRARY_PATH: places } : { LD_LIBRARY_PATH: places }
}
