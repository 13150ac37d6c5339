/** `profview open` as a process; resolves when it has printed its address. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PROFVIEW } from './programs.mjs'

export async function startOpen(paths) {
  const child = spawn(process.execPath, [PROFVIEW, 'open', ...paths, '--no-open', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const lines = createInterface(child.stdout)
  const url = new Promise((resolve) => {
    lines.on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line)
      if (found) resolve(found[0])
    })
  })
  const failed = ended.then(() => {
    throw new Error('open ended without an address')
  })
  failed.catch(() => {})
  return {
    pid: child.pid,
    url: await Promise.race([url, failed]),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
