/** Processes that record themselves because we asked, as whoever asked sees them. */
import { randomUUID } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printableReason } from '../../printable.js'
import { ioError } from '../../store/atomic-write.js'
import {
  type AttachOrder,
  orderName,
  parseVisit,
  type VisitAnswer,
  visitName,
} from '../../store/attach-files.js'
import { captureFolder } from '../../store/capture-files.js'
import { makeDirectory } from '../../store/make-directory.js'
import { isThere } from '../../store/process-identity.js'
import type { Inspector } from './inspector.js'
import { refused, type Target } from './target.js'
import { evaluate } from './visitor.js'

export class Visits {
  readonly order: AttachOrder
  readonly #folder: string
  readonly #pids = new Set<number>()

  /** Throws `IO`. `owner`: where root asks, whose that shall be which is not there. */
  constructor(order: Omit<AttachOrder, 'id'>, owner: Target) {
    const id = randomUUID().replaceAll('-', '').slice(0, 16)
    this.order = { ...order, id }
    this.#folder = captureFolder(order.dir)
    const missing: string[] = []
    for (let at = this.#folder; !existsSync(at); at = dirname(at)) missing.push(at)
    makeDirectory(order.dir)
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      writeFileSync(join(this.#folder, orderName(id)), '', { mode: 0o600 })
      if (process.geteuid?.() === 0)
        for (const path of missing) chownSync(path, owner.uid, owner.gid)
    } catch (error) {
      throw ioError('cannot ask in', this.#folder, error)
    }
  }

  /** Throws `BAD_INPUT` where it cannot be visited. */
  async begin({ pid, isOpen }: Target, inspector: Inspector): Promise<void> {
    const code = codeFor(this.order, !isOpen)
    const refusal = await evaluate(inspector, code).catch((error) => error.message)
    if (refusal !== '') throw refused(pid, printableReason(refusal))
    this.#pids.add(pid)
  }

  get size(): number {
    return this.#pids.size
  }

  /** What each says by now; null: nothing yet. */
  look(): Map<number, VisitAnswer | null> {
    const answers = new Map<number, VisitAnswer | null>()
    for (const pid of this.#pids) answers.set(pid, this.#answerOf(pid))
    return answers
  }

  /** Nobody records itself any more, or will. */
  get areOver(): boolean {
    for (const [pid, answer] of this.look())
      if ((answer === null || answer.state === 'begun') && isThere(pid)) return false
    return true
  }

  /** Whoever still records itself leaves within a second. */
  recall(): void {
    rmSync(join(this.#folder, orderName(this.order.id)), { force: true })
  }

  /** Nothing is left of it but its dumps. */
  close(): void {
    this.recall()
    for (const pid of this.#pids)
      rmSync(join(this.#folder, visitName(this.order.id, pid)), { force: true })
  }

  // --- internal ---

  #answerOf(pid: number): VisitAnswer | null {
    try {
      return parseVisit(readFileSync(join(this.#folder, visitName(this.order.id, pid)), 'utf8'))
    } catch {
      return null
    }
  }
}

// --- internal ---

/** What the process loads; the command line never does. */
const PROGRAM = fileURLToPath(new URL('../bundle/attached.js', import.meta.url))

/**
 * Who has us already is not visited: leaving it would take that from it. `closes`: the process
 * closes its inspector itself, whatever becomes of us.
 */
function codeFor(order: AttachOrder, closes: boolean): string {
  const [file, folder] = [PROGRAM, PROGRAM.slice(0, -'attached.js'.length)].map((path) =>
    JSON.stringify(path),
  )
  return `(() => {
    const builtin = process.getBuiltinModule
    if (typeof builtin !== 'function') return 'its Node is too old: 20.19 or newer is needed'
    if (${closes}) builtin('node:timers').setTimeout(() => builtin('node:inspector').close(), 1)
    const known = (name) => Symbol.for('profview.' + name) in globalThis
    if (known('attached.1')) return 'somebody is attached already: wait until that is over'
    const require = builtin('node:module').createRequire(${file})
    const isOurs = (key) => /^profview\\./.test(Symbol.keyFor(key) ?? '')
    const isLoaded = Object.keys(require.cache).some((path) => path.startsWith(${folder}))
    if (isLoaded || Object.getOwnPropertySymbols(globalThis).some(isOurs))
      return 'it has profview itself: profview capture <its directory of dumps>'
    return require(${file}).attach(${JSON.stringify(order)})
  })()`
}
