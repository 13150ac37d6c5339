/**
 * Copies of `@datadog/pprof` in other threads of this process. A copy puts its handler of the
 * sampling signal before whatever is there when it starts: that of a copy which ends with its
 * thread is gone from memory then, and the next signal ends the process; and of two that were
 * started in turns one gets no signal any more. So none of ours is started after another's.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { now } from './clock.js'

/** Where Linux tells them. */
interface ProcessFiles {
  readonly status: string
  readonly maps: string
}

export class OtherCopies {
  readonly #own: string | null
  readonly #say: (fact: string) => void
  readonly #files: ProcessFiles
  #seen: readonly string[] = []
  #lookAt = 0
  #isSaid = false

  /** `own`: the path of our native part; null: nobody knows, and nothing is found. */
  constructor(own: string | null, say: (fact: string) => void, files = OWN_PROCESS) {
    this.#own = own
    this.#say = say
    this.#files = files
  }

  /**
   * Before ours starts: one may take samples, for it is there and somebody handles the signal; or
   * will before ours does, for it has just come. Where its thread has ended it may stay in memory.
   */
  maySample(): boolean {
    const all = this.#all()
    const isNew = all.some((path) => isElsewhere(path) && !this.#seen.includes(path))
    this.#seen = all
    const may = isNew || (all.length > 0 && catchesProfile(read(this.#files.status)))
    if (may) this.#tell('requests are served unprofiled until the other one has gone')
    return may
  }

  /** To be called now and then while ours runs. Looks every ten seconds, for 0.1–0.5 ms. */
  look(): void {
    if (this.#isSaid || now() < this.#lookAt) return
    this.#lookAt = now() + LOOK_EVERY_MS
    if (!this.#all().some(isElsewhere)) return
    this.#tell('the other one misses samples while ours runs; install one copy')
  }

  // --- internal ---

  #all(): string[] {
    const own = this.#own
    const paths: string[] = own === null ? [] : (read(this.#files.maps).match(NATIVE_PARTS) ?? [])
    return paths.some((path) => path === own) ? paths.filter((path) => path !== own) : []
  }

  #tell(consequence: string): void {
    if (this.#isSaid) return
    this.#isSaid = true
    const fact = 'another copy of @datadog/pprof is loaded in another thread, and of two that'
    this.#say(`${fact} sample each takes the other's signal: ${consequence}`)
  }
}

/** The path of our native part, which the library has loaded; null: nobody knows. */
export function ownNativePart({ TimeProfiler }: { readonly TimeProfiler: object }): string | null {
  try {
    const isIt = (path: string) => modules[path]?.exports.TimeProfiler === TimeProfiler
    const path = Object.keys(modules).find((path) => path.endsWith('.node') && isIt(path))
    return path === undefined ? null : realpathSync(path)
  } catch {
    return null
  }
}

/**
 * Native parts that `load` loads stay in memory when their thread ends: another copy may have our
 * handler behind its own.
 */
export function loadForGood<T>(load: () => T): T {
  const { dlopen } = process
  if (isMainThread || process.platform !== 'linux') return load()
  try {
    process.dlopen = (module, path, flags = constants.dlopen.RTLD_LAZY) =>
      Reflect.apply(dlopen, process, [module, path, flags | NO_DELETE])
    return load()
  } finally {
    process.dlopen = dlopen
  }
}

// --- internal ---

const OWN_PROCESS: ProcessFiles = { status: '/proc/self/status', maps: '/proc/self/maps' }
const LOOK_EVERY_MS = 10_000
const NATIVE_PARTS = /\/.*pprof[^/\n]*\.node$/gm
/** RTLD_NODELETE, which Node does not name. */
const NO_DELETE = 0x1000
const modules = createRequire(import.meta.url).cache

/** Of those of this thread it is known when they start. */
function isElsewhere(path: string): boolean {
  return modules[path] === undefined
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/** The mask has a bit for each signal with a handler, the first for signal 1. */
function catchesProfile(status: string): boolean {
  const [, mask] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? []
  return mask !== undefined && ((BigInt(`0x${mask}`) >> PROFILE_BIT) & 1n) === 1n
}

const PROFILE_BIT = BigInt(constants.signals.SIGPROF ?? 27) - 1n
