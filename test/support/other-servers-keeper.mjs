// A Redis or a MariaDB that this machine has, empty, for as long as the standard input stays open:
// when whoever started this ends, however it ends, the server ends too, and nothing of it is left.
//
//     node other-servers-keeper.mjs redis-server|mariadbd <its path>
//
// Prints `{"port":6379}` when it can be asked.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [kind, path] = process.argv.slice(2)
const work = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'profview-server-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const port = await freePort()
const server = spawn(path, argumentsOf(kind), { cwd: work, stdio: 'ignore' })
let isEnding = false
server.once('error', (error) => {
  console.error(`${path}: ${error.message}`)
  process.exit(1)
})
server.once('exit', (code) => process.exit(isEnding ? 0 : (code ?? 1)))
process.stdin.resume().on('end', stop).on('error', stop)
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20))
console.log(JSON.stringify({ port }))

function stop() {
  isEnding = true
  // Nothing of it is wanted.
  server.kill('SIGKILL')
}

function argumentsOf(kind) {
  if (kind === 'redis-server')
    return [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      work,
    ]
  const data = join(work, 'data')
  mkdirSync(data)
  // Without tables of rights anybody may do anything; and MariaDB needs no others.
  const settings = [`--datadir=${data}`, `--port=${port}`, `--socket=${join(work, 's')}`]
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  return ['--no-defaults', ...settings, '--bind-address=127.0.0.1', '--skip-grant-tables', ...user]
}

function answers() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isThere) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
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
