/**
 * Each thread that could be profiled looks once a second whether `profview capture` asks it to
 * record itself: one listing of a small folder, without a thread, a port or a signal. Where the
 * directory of dumps is there, the thread leaves a file in it that says that it would answer: so
 * one that is too busy can be told from one that is not there.
 */
import fs from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { threadId } from 'node:worker_threads'
import { printableReason } from '../../printable.js'
import { clusterWorkerId } from '../../sampler/cluster-worker.js'
import { setInterval, setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import {
  answerName,
  type CaptureRequest,
  captureFolder,
  FORGOTTEN_MS,
  isPresence,
  LOOK_MS,
  parseRequest,
  presenceName,
  requestIdOf,
  requestName,
  SIGN_MS,
  type ThreadIdentity,
  writeSmall,
} from '../../store/capture-files.js'
import { ownIdentity } from '../../store/process-identity.js'
import { warmUp } from '../cold-start.js'
import type { Settings } from '../options.js'
import { outsideRequests } from '../outside-requests.js'
import type { Recorder } from '../recorder.js'
import type { WriterAnswer } from '../writer/messages.js'
import { recordStretch, type Told } from './thread-stretch.js'

/** From now on the thread answers whoever asks in the settings' directory. Never throws. */
export function watchForCaptures(settings: Settings, told: Told): void {
  quietly(() => {
    shared[SHARED] ??= new Map()
    const watches = shared[SHARED]
    const known = watches.get(settings.dir)
    if (known !== undefined) return known.add(told)
    if (watches.size >= MOST_WATCHES) return
    watches.set(settings.dir, new CaptureWatch(settings, told))
    if (watches.size === 1) outsideRequests(() => setInterval(quietly(lookAll), LOOK_MS).unref())
  })()
}

// --- internal ---

/** Directories of one thread: more are no app's, but a test's. */
const MOST_WATCHES = 16
const MOST_MOUNTS = 100
/** Looks between two signs of life; and between two where the folder cannot be read or made. */
const LOOKS_TO_SIGN = SIGN_MS / LOOK_MS
const LOOKS_TO_TRY = 5
const MOST_AT_ONCE = 4
/** Who asks waits for no longer than this for all to begin at once, ms. */
const LONGEST_WAIT_MS = 5000
const LONGEST_REQUEST = 4096
const NO_PAST = 'it keeps nothing of the past: only an app with `slow` (PROFVIEW_SLOW) does'

/** By directory; shared by every copy of this package that the app may have loaded. */
const SHARED = Symbol.for('profview.captures.1')
const shared = globalThis as { [SHARED]?: Map<string, CaptureWatch> }

function lookAll(): void {
  for (const watch of shared[SHARED]!.values()) void watch.look()
}

/** Loaded with this file: where an app lays its own over them later, they stay. */
const listed = promisify(fs.readdir) as (path: string) => Promise<string[]>
const made = promisify(fs.mkdir) as (path: string, mode: number) => Promise<unknown>
const touched = promisify(fs.utimes)
const looked = promisify(fs.lstat)
const read = promisify(fs.readFile) as (path: string, encoding: 'utf8') => Promise<string>
const removed = promisify(fs.unlink)

class CaptureWatch {
  readonly #settings: Settings
  /** A mount that nobody has any more is none. */
  readonly #told: WeakRef<Told>[]
  readonly #folder: string
  readonly #seen = new Set<string>()
  #thread: ThreadIdentity | null = null
  #isLooking = false
  /** Looks until the folder is tried again, or signed in. */
  #rest = 0
  #underWay = 0
  #leaves = false
  readonly #leave = quietly(() => {
    if (this.#thread === null) return
    fs.rmSync(join(this.#folder, presenceName(this.#thread)), { force: true })
  })

  constructor(settings: Settings, told: Told) {
    this.#settings = settings
    this.#told = [new WeakRef(told)]
    this.#folder = captureFolder(settings.dir)
  }

  add(told: Told): void {
    if (this.#told.length < MOST_MOUNTS) this.#told.push(new WeakRef(told))
  }

  /** One at a time, however long the volume takes. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      if (this.#thread === null) await this.#signIn()
      else await this.#read()
    } catch {
      // Who cannot read there is not asked there.
      this.#thread = null
      this.#rest = LOOKS_TO_TRY
    }
    this.#isLooking = false
  }

  // --- internal ---

  /** Nothing is made where there is no directory of dumps. */
  async #signIn(): Promise<void> {
    if (this.#rest-- > 0) return
    await made(this.#folder, 0o700).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const thread = ownThread()
    writeSmall(this.#folder, presenceName(thread), thread)
    this.#thread = thread
    this.#rest = LOOKS_TO_SIGN
    if (!this.#leaves) process.once('exit', this.#leave)
    this.#leaves = true
    for (const name of await listed(this.#folder)) await this.#tidy(name)
  }

  async #read(): Promise<void> {
    if (--this.#rest <= 0) {
      this.#rest = LOOKS_TO_SIGN
      const at = new Date()
      await touched(join(this.#folder, presenceName(this.#thread!)), at, at)
    }
    const ids = (await listed(this.#folder)).map(requestIdOf)
    for (const id of this.#seen) if (!ids.includes(id)) this.#seen.delete(id)
    for (const id of ids) {
      if (id === null || this.#seen.has(id)) continue
      this.#seen.add(id)
      const request = await this.#requestIn(requestName(id))
      if (request?.id === id && Date.now() < request.expiresAt) this.#take(request)
    }
  }

  /** Null for one that nobody who owns the directory has made. */
  async #requestIn(name: string): Promise<CaptureRequest | null> {
    const path = join(this.#folder, name)
    const [file, dir] = [await looked(path), await looked(this.#settings.dir)]
    const own = process.geteuid?.()
    const isOwners = own === undefined || [own, 0, dir.uid].includes(file.uid)
    if (!file.isFile() || file.size > LONGEST_REQUEST || !isOwners) return null
    return parseRequest(await read(path, 'utf8'))
  }

  #take(request: CaptureRequest): void {
    const startsInMs = Math.min(request.startsAt - Date.now(), LONGEST_WAIT_MS)
    const wait = Math.max(startsInMs, request.forMs > 0 ? this.#warmUp() : 0)
    const begin = quietly(() => this.#begin(request))
    if (wait > 0) setTimeout(begin, wait).unref()
    else begin()
  }

  #warmUp(): number {
    try {
      return warmUp(() => this.#wakeAll())
    } finally {
      this.#restAll()
    }
  }

  #begin(request: CaptureRequest): void {
    try {
      if (this.#underWay >= MOST_AT_ONCE) throw new Error('it is being captured too often')
      this.#underWay++
      try {
        this.#record(request)
      } catch (error) {
        this.#over()
        throw error
      }
      this.#answer(request, { state: 'begun', file: '', reason: '' })
    } catch (error) {
      this.#answer(request, { state: 'failed', file: '', reason: printableReason(error) })
    }
  }

  #record(request: CaptureRequest): void {
    const recorder = this.#wakeAll()
    if (!recorder?.takesMore) throw new Error('the profiler does not run here')
    const backMs = request.lastMs === 0 ? 0 : request.lastMs + Date.now() - request.startsAt
    if (request.forMs === 0 && recorder.sampler.past.reachMs(backMs) === 0) throw new Error(NO_PAST)
    recordStretch(recorder, this.#settings, {
      ...{ kept: 'capture', forMs: request.forMs, backMs, labels: { capture: request.id } },
      ended: () => this.#over(),
      answered: (answer) => this.#written(request, answer),
    })
  }

  #over(): void {
    this.#underWay--
    this.#restAll()
  }

  #wakeAll(): Recorder | null {
    const awake = this.#told.map((told) => told.deref()?.wake() ?? null)
    return awake.find((each) => each !== null) ?? null
  }

  #restAll(): void {
    for (const told of this.#told) told.deref()?.rest()
  }

  #written(request: CaptureRequest, answer: WriterAnswer): void {
    const { file = '', error = 'no dump was written' } = answer as { file?: string; error?: string }
    if (file !== '') this.#answer(request, { state: 'written', file: basename(file), reason: '' })
    else this.#answer(request, { state: 'failed', file: '', reason: error })
  }

  /** At once, since the process may be ending. Where it cannot be written, nobody can be told. */
  #answer({ id }: CaptureRequest, answer: { state: string; file: string; reason: string }): void {
    const thread = this.#thread ?? ownThread()
    quietly(() => writeSmall(this.#folder, answerName(id, thread), { thread, ...answer }))()
  }

  /** Of threads that have ended without a word, and of captures that nobody waits for. */
  async #tidy(name: string): Promise<void> {
    if (!isPresence(name) && !/\.(answer|request|tmp)$/.test(name)) return
    const path = join(this.#folder, name)
    const file = await looked(path)
    if (file.isFile() && Date.now() - file.mtimeMs > FORGOTTEN_MS) await removed(path)
  }
}

function ownThread(): ThreadIdentity {
  return { ...ownIdentity(), host: hostname(), workerId: clusterWorkerId() ?? 0, threadId }
}
