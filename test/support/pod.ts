/** Containers without Docker: namespaces of Linux, as an ordinary user makes them (pod.sh). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { ROOT } from './app.js'

export interface PodOptions {
  readonly host: string
  /** A directory of this machine, and where the container sees it. */
  readonly volume: string
  readonly mountPath: string
  /** Files of `/app`, beside `node_modules`. */
  readonly files: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly uid?: number
  readonly env?: Readonly<Record<string, string>>
}

/** One process, number 1 of its namespace. */
export class Pod {
  readonly ended: Promise<{ readonly code: number | null; readonly out: string }>
  out = ''
  readonly #child: ChildProcess

  constructor(options: PodOptions) {
    this.#child = spawn('unshare', argsFor(options, appFolder(options.files)), {
      env: { PATH: process.env.PATH!, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const hear = (text: Buffer) => {
      this.out += text
    }
    this.#child.stdout!.on('data', hear)
    this.#child.stderr!.on('data', hear)
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code) => resolve({ code, out: this.out }))
    })
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  /** As the container's runtime does, from outside. */
  signal(signal: NodeJS.Signals): void {
    process.kill(Number(childOf(this.#child.pid!)), signal)
  }
}

/** '' where this machine lets this user make containers, else why not. */
export function whyNoPods(): string {
  if (process.platform !== 'linux') return 'there are no namespaces on this system'
  const volume = mkdtempSync(join(tmpdir(), 'profview-volume-'))
  const app = mkdtempSync(join(tmpdir(), 'profview-pod-'))
  try {
    const options = { host: 'probe', volume, mountPath: '/profiles', files: {}, args: ['-e', '0'] }
    const { status, stderr, error } = spawnSync('unshare', argsFor(options, app))
    if (status !== 0) return `no container can be made: ${error?.message ?? stderr}`.trim()
    const own = spawnSync('cat', [`/proc/${process.pid}/task/${process.pid}/children`])
    return own.status === 0 ? '' : 'this kernel does not list children'
  } finally {
    for (const dir of [volume, app]) rmSync(dir, { recursive: true, force: true })
  }
}

// --- internal ---

const SCRIPT = fileURLToPath(new URL('./pod.sh', import.meta.url))
const NAMESPACES = '--user --map-root-user --pid --mount --uts --fork --kill-child'.split(' ')

function argsFor({ host, volume, mountPath, args, uid = 1000 }: PodOptions, app: string) {
  const node = dirname(dirname(process.execPath))
  const where = [host, volume, mountPath, app, node, ROOT, String(uid)]
  return [...NAMESPACES, 'sh', SCRIPT, ...where, process.execPath, ...args]
}

function appFolder(files: Readonly<Record<string, string>>): string {
  const app = mkdtempSync(join(tmpdir(), 'profview-pod-'))
  onTestFinished(() => rmSync(app, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text)
  mkdirSync(join(app, 'node_modules'))
  symlinkSync(ROOT, join(app, 'node_modules/profview'))
  symlinkSync(join(ROOT, 'node_modules/express'), join(app, 'node_modules/express'))
  return app
}

function childOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
}
