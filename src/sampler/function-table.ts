/**
 * The functions of a thread, each once, by where it begins: what they are called depends on who
 * tells of them.
 *
 * A sample gives the position where the function's parameters begin and the name that it has in the
 * source, or V8's guess; a stack trace its first token (`async function f(` is 17 columns earlier)
 * and its property `name`, which code may set (`keepNames` of esbuild does).
 */
import { ANONYMOUS, CUT, syntheticFrame } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { pathOf } from './engine-frames.js'

export type FrameId = number

/** Where a frame's code was written; the frame itself where that is not known. */
export type Originals = (frame: Frame) => Frame

export class FunctionTable {
  readonly frames: Frame[] = []
  /** Where it begins as traces and as samples have it, and its names; 0 and '': not seen. */
  readonly #token: number[] = []
  readonly #start: number[] = []
  readonly #traced: string[] = []
  readonly #sampled: string[] = []
  /** By either of its places. */
  readonly #byPlace = new Map<string, FrameId>()
  readonly #byLine = new Map<string, FrameId[]>()
  readonly #originals: Originals
  #unsettled: FrameId[] = []
  #sent = 0
  #corrected = new Set<FrameId>()
  readonly #most: number
  /** Characters of all names and files. */
  #text = 0
  /** See `cut`; -1: there was room for all. */
  knownCut: FrameId = -1

  /** Of so many functions at most. */
  constructor(originals: Originals, most: number) {
    this.#originals = originals
    this.#most = most
  }

  get isFilled(): boolean {
    return 2 * this.frames.length > this.#most || 2 * this.#text > MOST_TEXT
  }

  /** Stands for all for which there is no room. */
  get cut(): FrameId {
    if (this.knownCut === -1) {
      this.knownCut = this.#add(syntheticFrame(CUT))
      this.#sampled[this.knownCut] = CUT
    }
    return this.knownCut
  }

  /** `exact`: a sample tells of it, else a trace. */
  intern(name: string, file: string, line: number, column: number, exact: boolean): FrameId {
    const path = pathOf(file)
    if (path !== '' && line === 0) {
      // V8 gives a module's own code no position in samples.
      line = 1
      column = 1
    }
    // Other scripts may have one name for many texts.
    const script = line > 0 && IS_PLACE.test(path) ? path : `${name}\0${path}`
    const place = `${line}:${column}:${script}`
    let id = this.#byPlace.get(place)
    if (id === undefined) {
      const others = this.#othersOn(`${line}:${script}`)
      id = this.#find(others, name, column, exact)
      if (id === -1) {
        if (this.frames.length >= this.#most || this.#text > MOST_TEXT) return this.cut
        id = this.#add({ name, file: path, line, column })
        others.push(id)
      }
      this.#byPlace.set(place, id)
    }
    const names = exact ? this.#sampled : this.#traced
    const places = exact ? this.#start : this.#token
    if (names[id] !== name || places[id] !== column) this.#learn(id, name, column, exact)
    return id
  }

  /** The function of another table, as all who have told of it there. */
  adopt(from: FunctionTable, id: FrameId): FrameId {
    const { generated = from.frames[id]! } = from.frames[id]!
    const { name, file, line, column } = generated
    const [token, start] = [from.#token[id]!, from.#start[id]!]
    if (token !== 0) this.intern(from.#traced[id]!, file, line, token, false)
    if (start !== 0) return this.intern(from.#sampled[id]!, file, line, start, true)
    return this.intern(name, file, line, column, token === 0)
  }

  /** Looks up where one more function was written; false: all are known. */
  settleNext(): boolean {
    const id = this.#unsettled.pop()
    if (id === undefined) return false
    this.frames[id] = this.#originals(this.#recorded(id))
    return true
  }

  /** New frames since the last time. */
  get unsent(): number {
    return this.frames.length - this.#sent
  }

  /** So many of them, and those of before that are known better. */
  take(most: number): { frames: Frame[]; corrected: (readonly [FrameId, Frame])[] } {
    while (this.settleNext());
    const frames = this.frames.slice(this.#sent, this.#sent + most)
    const corrected = [...this.#corrected].map((id) => [id, this.frames[id]!] as const)
    this.#sent += frames.length
    this.#corrected.clear()
    return { frames, corrected }
  }

  /** The next time brings all. */
  resend(): void {
    this.#sent = 0
    this.#corrected.clear()
  }

  // --- internal ---

  #add(frame: Frame): FrameId {
    const id = this.frames.push(frame) - 1
    this.#text += frame.name.length + frame.file.length
    this.#unsettled.push(id)
    this.#token.push(0)
    this.#start.push(0)
    this.#traced.push('')
    this.#sampled.push('')
    return id
  }

  #othersOn(line: string): FrameId[] {
    let others = this.#byLine.get(line)
    if (others === undefined) {
      others = []
      this.#byLine.set(line, others)
    }
    return others
  }

  /** The nearest of those that the other source has told of alone, if one can be it; else -1. */
  #find(others: readonly FrameId[], name: string, column: number, exact: boolean): FrameId {
    let best = -1
    let nearest = Number.POSITIVE_INFINITY
    for (const id of others) {
      if ((exact ? this.#start : this.#token)[id] !== 0) continue
      const width = exact ? column - this.#token[id]! : this.#start[id]! - column
      const [sampled, traced] = exact ? [name, this.#traced[id]!] : [this.#sampled[id]!, name]
      if (width > 0 && width < nearest && isHeader(width, sampled, traced)) {
        best = id
        nearest = width
      }
    }
    return best
  }

  /** The name or the place of a frame that was known without. */
  #learn(id: FrameId, name: string, column: number, exact: boolean): void {
    const names = exact ? this.#sampled : this.#traced
    const places = exact ? this.#start : this.#token
    const known = names[id] === '' ? name : sameEachTime(names[id]!, name)
    if (known === names[id] && places[id] === column) return
    names[id] = known
    places[id] = column
    const frame = this.#recorded(id)
    const { generated = this.frames[id]! } = this.frames[id]!
    if (generated.name === frame.name && generated.column === frame.column) return
    this.frames[id] = frame
    this.#unsettled.push(id)
    if (id < this.#sent) this.#corrected.add(id)
  }

  /** As the engine has it, whoever told of it first. */
  #recorded(id: FrameId): Frame {
    const { generated: { file, line } = this.frames[id]! } = this.frames[id]!
    const [start, token] = [this.#start[id]!, this.#token[id]!]
    const [sampled, traced] = [this.#sampled[id]!, this.#traced[id]!]
    const isInSource =
      start > token && token > 0 && IN_FRONT_OF_NAME.has(start - token - sampled.length)
    const name = isNoName(traced) || (isInSource && !isNoName(sampled)) ? sampled : traced
    return { name: name || traced, file, line, column: start || token }
  }
}

// --- internal ---

/** Text that is new each time, as of `eval`, is not kept without end: 16 MB at most. */
const MOST_TEXT = 8_000_000

/** A file, a module of Node's, or a URL: a position in it is one function's. */
const IS_PLACE = /^(?:\/|[A-Za-z]:[\\/]|node:|[a-z][a-z-]+:\/\/)/

/** `async `, `function `, `async function `, or nothing. */
const IN_FRONT_OF_NAME: ReadonlySet<number> = new Set([0, 6, 9, 15])
/** The same with `*` and spaces; and before parameters without a name. */
const BEFORE_NAME: ReadonlySet<number> = new Set([0, 1, 2, 6, 7, 8, 9, 10, 11, 15, 16, 17])
const BEFORE_PARAMETERS: ReadonlySet<number> = new Set([8, 9, 10, 14, 15, 16])
const LONGEST_BEFORE_NAME = 20

/** Can a first token and the parameters be so far apart, in columns, if this is the function? */
function isHeader(width: number, sampled: string, traced: string): boolean {
  if (BEFORE_PARAMETERS.has(width)) return true
  if (isNoName(sampled)) return false
  if (sampled === traced) return width <= sampled.length + LONGEST_BEFORE_NAME
  return BEFORE_NAME.has(width - sampled.length)
}

/** Of two names that one source has for a function. */
function sameEachTime(one: string, other: string): string {
  if (isNoName(one) !== isNoName(other)) return isNoName(one) ? other : one
  return one < other ? one : other
}

/** None, or one that the engine gives to what has none: `<static_initializer>`. */
function isNoName(name: string): boolean {
  return name === '' || name === ANONYMOUS || name.startsWith('<')
}
