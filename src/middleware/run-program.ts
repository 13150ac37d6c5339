/** What `profview run` records of a program: all that it does, and its requests in it by name. */
import { createRequire } from 'node:module'
import { recordRun } from '../recorder/process/run-mode.js'
import './register.js'

type Servers = typeof import('./run-servers.js')

const require = createRequire(import.meta.url)

/** What `register.ts` asks, which exports nothing. */
const OF_RUN = Symbol.for('profview.run-servers.1')
const shared = globalThis as { [OF_RUN]?: () => { watchServers(): void } }

/** `requestsDir`: each request is kept there, too; null: none is kept. */
export function recordProgram(
  dir: string,
  interval: string | null,
  requestsDir: string | null,
): void {
  const recorder = recordRun(dir, interval)
  if (recorder === null) return
  shared[OF_RUN] = () => {
    const { watcherOf } = require('./run-servers.js') as Servers
    return { watchServers: watcherOf({ recorder, interval, requestsDir }) }
  }
}
