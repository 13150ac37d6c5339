import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ViewerServerOptions } from '../../server/server.js'
import type { KnownDumps } from '../../store/dump-list.js'
import { readStandardInput } from '../../store/read-input.js'
import { type LeadingPage, leadTo, openInBrowser } from '../browser.js'
import { addReadingOptions, type DefineCommand, parsePort } from '../command.js'
import { pathsOr } from '../dump-paths.js'
import { isAwaited, requireReadable } from '../inputs.js'
import type { Session } from '../session.js'

export const defineOpen: DefineCommand = (program, session) => {
  const command = program
    .command('open')
    .description('look at profiles in the browser')
    .argument('[paths...]', 'dumps, ids, profiles, directories or -', [])
    .option('--port <port>', 'where to listen; the next free one if it is taken', parsePort)
    .option('--host <address>', 'address to listen on (default: this machine only)')
    .option('--no-open', 'only print the address')
    .option('--no-source-maps', 'functions as they were compiled, not as they were written')
  addReadingOptions(command)
  command.action((paths: string[], options: OpenOptions) => open(paths, options, session))
}

// --- internal ---

interface OpenOptions {
  readonly port?: number
  readonly host?: string
  readonly open: boolean
  readonly sourceMaps: boolean
  readonly strict?: boolean
  readonly maxMemory?: number
}

async function open(paths: string[], options: OpenOptions, session: Session): Promise<void> {
  const piped = paths.includes('-') ? saveStandardInput() : null
  try {
    const named = pathsOr(paths, session.io).map((path) => (path === '-' && piped ? piped : path))
    const known: KnownDumps = new Map()
    const awaited = named.length === 1 && isAwaited(named[0]!) ? named[0]! : null
    const inputs = awaited ? named : requireReadable(named, { ...options, known }, session)
    if (awaited) session.note(`${awaited}: waiting for its first profile`)
    if (inputs.length > 0)
      await serve({ inputs, known, ...(awaited && { awaited }) }, options, session)
  } finally {
    if (piped) rmSync(dirname(piped), { recursive: true, force: true })
  }
}

/** Until Ctrl-C, or until somebody asks the process to end. */
async function serve(
  served: Pick<ViewerServerOptions, 'inputs' | 'known' | 'awaited'>,
  options: OpenOptions,
  session: Session,
): Promise<void> {
  // Asked to end before the address is printed, it shall end as orderly.
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  const { startViewer } = await import('../../server/server.js')
  const viewer = await startViewer({
    ...served,
    cwd: session.io.cwd,
    sourceMaps: options.sourceMaps,
    ...(options.maxMemory === undefined ? {} : { memory: options.maxMemory }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  })
  await session.out.lines([`profview: ${viewer.url}`])
  const page = options.open && hasBrowser(session.io.env) ? openBrowser(viewer.url, session) : null
  await ended
  page?.remove()
  await viewer.close()
}

/** The viewer reads a file whenever somebody looks at it, the standard input can be read once. */
function saveStandardInput(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'profview-')), 'stdin')
  writeFileSync(file, readStandardInput(), { mode: 0o600 })
  return file
}

/** Without a screen `open` would start a text browser in this terminal, or nothing at all. */
function hasBrowser(env: NodeJS.ProcessEnv): boolean {
  if (env.CI || env.SSH_CONNECTION) return false
  if (process.platform !== 'linux') return true
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME || env.BROWSER)
}

/** The page that leads there, for as long as the address is answered. */
function openBrowser(url: string, session: Session): LeadingPage | null {
  const fail = () => session.note('no browser could be started; open the address yourself')
  try {
    const page = leadTo(url)
    openInBrowser(page).catch(fail)
    return page
  } catch {
    fail()
    return null
  }
}
