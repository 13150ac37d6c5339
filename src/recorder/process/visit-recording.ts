/**
 * What a process does that was never prepared, for a while: its requests one by one, or all of it
 * as one dump. `profview attach` has put us here, and asks by a file that is looked for twice a
 * second: when it is gone, or the time is over, all of it is undone.
 */
import fs from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../errors.js'
import { printableReason } from '../../printable.js'
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../../sampler/node-timers.js'
import { quietly } from '../../sampler/quietly.js'
import { RECOMPILING_MS, recompile } from '../../sampler/recompile.js'
import { whenLeaving } from '../../sampler/visit.js'
import { type AttachOrder, orderName, visitName } from '../../store/attach-files.js'
import { captureFolder, writeSmall } from '../../store/capture-files.js'
import type { Handling } from '../handling.js'
import type { Settings } from '../options.js'
import { PassersBy } from '../passers-by.js'
import type { Recorder } from '../recorder.js'
import type { RouteOf } from '../request.js'
import { Requests } from '../requests.js'
import { withRoutes } from '../routes.js'
import { recordStretch } from './thread-stretch.js'

export type { AttachOrder } from '../../store/attach-files.js'

/** Throws where it cannot write to what it was given. */
export function requireWritable({ dir }: AttachOrder): void {
  try {
    fs.accessSync(captureFolder(dir), fs.constants.W_OK)
  } catch (error) {
    throw new Error(`it cannot write to ${dir} (${codeOf(error)}): give another --dir`)
  }
}

export class VisitRecording {
  readonly #order: AttachOrder
  readonly #settings: Settings
  readonly #recorder: Recorder
  readonly #notes: readonly string[]
  readonly #requests: Handling
  #isOn = false
  #isEnding = false
  readonly #over: () => void

  /** `notes`: what is said meanwhile. `over`: nothing is recorded any more, and all is written. */
  constructor(
    order: AttachOrder,
    settings: Settings,
    recorder: Recorder,
    routeOf: RouteOf,
    notes: readonly string[],
    over: () => void,
  ) {
    this.#order = order
    this.#settings = settings
    this.#recorder = recorder
    this.#notes = notes
    this.#over = over
    this.#requests = requestsOf(order, settings, recorder, routeOf)
  }

  /** Of all servers. */
  readonly handling: Handling = {
    counts: { profiled: 0, refused: 0, skipped: 0 },
    handle: (request, response, next) => {
      if (this.#isOn) this.#requests.handle(request, response, next)
      else next()
    },
  }

  /** Begins when the code that is thrown away for it has been compiled anew. */
  start(): void {
    const isRecompiled = !this.#order.gently && recompile()
    this.#later(() => this.#begin(), isRecompiled ? RECOMPILING_MS : 0)
    const look = setInterval(
      quietly(() => this.#look()),
      LOOK_MS,
    ).unref()
    whenLeaving(() => clearInterval(look))
  }

  // --- internal ---

  #begin(): void {
    if (this.#isEnding) return
    const { forMs, mode } = this.#order
    try {
      this.#isOn = true
      if (mode === 'process') this.#recordAll(forMs)
      this.#later(() => this.#end(), forMs)
      this.#answer('begun')
    } catch (error) {
      this.#fail(error)
    }
  }

  #recordAll(forMs: number): void {
    const { labelsOfAll: labels } = this.#settings
    recordStretch(this.#recorder, this.#settings, { kept: 'attach', forMs, labels })
  }

  /** Whoever asked is not interested any more. */
  #look(): void {
    fs.access(this.#path(orderName(this.#order.id)), (error) => {
      if (error?.code === 'ENOENT') void this.#end()
    })
  }

  async #end(): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    try {
      this.#isOn = false
      const until = performance.now() + PATIENCE_MS
      while (this.#recorder.underWay > 0 && performance.now() < until) await pause()
      await this.#recorder.close()
      this.#over()
      this.#answer('left')
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#isOn = false
    this.#over()
    this.#answer('failed', printableReason(error))
  }

  /** Where the folder is gone, nobody waits for it. */
  #answer(state: 'begun' | 'left' | 'failed', reason = ''): void {
    const { pid } = process
    const { profiled: recorded, skipped } = this.#requests.counts
    const answer = { pid, state, reason, notes: this.#notes, recorded, skipped }
    const name = visitName(this.#order.id, pid)
    quietly(() => writeSmall(captureFolder(this.#order.dir), name, answer))()
  }

  #path(name: string): string {
    return join(captureFolder(this.#order.dir), name)
  }

  #later(work: () => void, ms: number): void {
    const timer = setTimeout(quietly(work), ms).unref()
    whenLeaving(() => clearTimeout(timer))
  }
}

// --- internal ---

const LOOK_MS = 500
/** Requests that have begun may end for so long, ms. */
const PATIENCE_MS = 2000

function requestsOf(
  { mode }: AttachOrder,
  settings: Settings,
  recorder: Recorder,
  routeOf: RouteOf,
): Handling {
  if (mode !== 'process') {
    const requests = new Requests(settings, withRoutes(routeOf, settings))
    requests.arm()
    return requests
  }
  const passersBy = new PassersBy(recorder, withRoutes(routeOf, settings), null)
  return {
    counts: { profiled: 0, refused: 0, skipped: 0 },
    handle: (request, response, next) => passersBy.pass(request, response, next),
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 20).unref())
}
