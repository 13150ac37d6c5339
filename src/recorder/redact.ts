import { UNKNOWN } from '../profile/frames.js'
import type { DumpMeta, Frame } from '../profile/profile.js'
import { isMethod } from '../sampler/method-name.js'
import { REST_OF_REQUEST, type StackTableDelta, type Window } from '../sampler/window.js'

export type Redact = (frame: Frame) => Frame

/**
 * The apps' `redact`, through which all text goes before it leaves the thread: each frame, once,
 * and as a frame without a file, each route, wait, label and name.
 */
export class Redactors {
  readonly #redactors = new Set<Redact>()
  readonly #known = new Map<string, string>()

  /** False: it is one already. */
  add(redact: Redact): boolean {
    if (this.#redactors.has(redact)) return false
    this.#redactors.add(redact)
    this.#known.clear()
    return true
  }

  stacks(table: StackTableDelta): { readonly table: StackTableDelta; readonly redacted: boolean } {
    if (this.#redactors.size === 0) return { table, redacted: false }
    const redact = (frame: Frame) => (isOurs(frame) ? frame : this.#frame(frame))
    const frames = table.frames.map(redact)
    const corrected = table.corrected.map(([id, frame]) => [id, redact(frame)] as const)
    return { table: { ...table, frames, corrected }, redacted: true }
  }

  /** Whose code it is, and what was waited for. */
  window(window: Window): { readonly window: Window; readonly redacted: boolean } {
    const { table, redacted } = this.stacks(window.table)
    if (!redacted) return { window, redacted }
    const titles = new Map(Array.from(window.titles, ([id, title]) => [id, this.#title(title)]))
    const texts = window.texts.map((text) => this.#text(text))
    const waitTexts = window.waitTexts.map((text) => this.#text(text))
    return { window: { ...window, table, titles, texts, waitTexts }, redacted }
  }

  meta(meta: DumpMeta): DumpMeta {
    if (this.#redactors.size === 0) return meta
    const { name, request, labels } = meta
    return {
      ...meta,
      name: name === null ? null : this.#text(name),
      request: request && { ...request, route: this.#text(request.route) },
      labels: Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [this.#text(name), this.#text(value)]),
      ),
    }
  }

  // --- internal ---

  /** `GET /users/:id`, of which the route is what a dump has apart, too. */
  #title(title: string): string {
    const [method = ''] = title.split(' ', 1)
    if (!isMethod(method)) return this.#text(title)
    return `${method} ${this.#text(title.slice(method.length + 1))}`.trimEnd()
  }

  #text(text: string): string {
    // A word that says which kind of wait it is.
    if (text === '' || text === REST_OF_REQUEST) return text
    let redacted = this.#known.get(text)
    if (redacted === undefined) {
      redacted = this.#frame({ name: text, file: '', line: 0, column: 0 }).name
      if (this.#known.size >= MOST_KNOWN) this.#known.clear()
      this.#known.set(text, redacted)
    }
    return redacted
  }

  #frame(frame: Frame): Frame {
    // What was compiled says what the app may hide.
    const { generated: _, ...written } = frame
    let redacted: Frame = written
    try {
      for (const redact of this.#redactors) {
        const { name, file, line, column } = redact(redacted)
        redacted = {
          name: String(name),
          file: String(file),
          line: position(line),
          column: position(column),
        }
      }
      return redacted
    } catch {
      return { name: UNKNOWN, file: '', line: 0, column: 0 }
    }
  }
}

// --- internal ---

/** Texts; those of a window are mostly those of the one before. */
const MOST_KNOWN = 2000

/** `(garbage collector)`, `[profiler]`: words by which time is counted. */
function isOurs({ name, file }: Frame): boolean {
  return file === '' && /^[([]/.test(name)
}

function position(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0
}
