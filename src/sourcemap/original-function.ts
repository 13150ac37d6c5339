import { ANONYMOUS, frameKey } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { headerAt, isHeaderText } from './function-header.js'
import { CompilerAdditions } from './helper-code.js'
import type { Mapping, Position, SourceMap } from './map.js'
import { codeAround, isGuess, writtenAt } from './written-name.js'

/** The originals of the functions of one compiled file. Equal frames get the same object. */
export class OriginalFunctions {
  readonly #map: SourceMap
  readonly #additions: CompilerAdditions
  /** Most profiles share the objects, the others only what they say. */
  readonly #byFrame = new WeakMap<Frame, Frame>()
  readonly #byPlace = new Map<string, Frame | null>()
  readonly #frames = new Map<string, Frame>()

  constructor(map: SourceMap) {
    this.#map = map
    this.#additions = new CompilerAdditions(map)
  }

  /** The original of a function, or the frame itself where the map leads nowhere. */
  of(frame: Frame): Frame {
    let original = this.#byFrame.get(frame)
    if (original === undefined) {
      original = this.#ofPlace(frame) ?? frame
      this.#byFrame.set(frame, original)
    }
    return original
  }

  // --- internal ---

  #ofPlace(frame: Frame): Frame | null {
    const key = `${frame.line}:${frame.column}:${frame.name}`
    let original = this.#byPlace.get(key)
    if (original === undefined) {
      const found = frame.line > 0 ? this.#find(frame) : null
      original = found && this.#shared({ ...found, generated: frame })
      this.#byPlace.set(key, original)
    }
    return original
  }

  #shared(frame: Frame): Frame {
    const key = frameKey(frame)
    const known = this.#frames.get(key)
    if (known === undefined) this.#frames.set(key, frame)
    return known ?? frame
  }

  #find(frame: Frame): Frame | null {
    if (frame.column === 0) return this.#ofLine(frame)
    if (frame.line === 1 && frame.column === 1) return this.#ofModule(frame)
    const helper = this.#additions.helperAt(frame.line, frame.column)
    if (helper !== null) return { name: helper.name, file: frame.file, ...helper.at }
    const whole = this.#additions.wholeOf(frame.line, frame.column)
    const isHalf = whole.line !== frame.line || whole.column !== frame.column
    const text = this.#map.lines[whole.line - 1] ?? ''
    const header = headerAt(text, whole.column)
    const mapping = this.#mappingOf(text, whole, header.column)
    if (mapping === null) return null
    const isName = header.name !== '' && text.startsWith(header.name, header.column - 1)
    const inMap = isName && mapping.generatedColumn === header.column ? mapping.name : ''
    const recorded = isHalf ? header.name || ANONYMOUS : frame.name
    return this.#original(mapping, inMap, { ...frame, name: recorded })
  }

  /** A file's own code begins with its first character, which is seldom mapped. */
  #ofModule(frame: Frame): Frame | null {
    const { sources } = this.#map
    if (sources.length !== 1) return null
    return { name: frame.name, file: sources[0]!, line: 1, column: 1 }
  }

  /** Without a column, a line tells only if all of it comes from one line. */
  #ofLine(frame: Frame): Frame | null {
    const first = this.#map.mappingFrom(frame.line, 1)
    const last = this.#map.mappingAt(frame.line, Number.MAX_SAFE_INTEGER)
    if (first === null || last === null) return null
    if (first.file !== last.file || first.line !== last.line) return null
    return { name: frame.name, file: first.file, line: first.line, column: 0 }
  }

  /** The mapping of a piece of this function's header, and of no code before it. */
  #mappingOf(text: string, { line, column }: Position, headerColumn: number): Mapping | null {
    const before = this.#map.mappingAt(line, Math.max(column, headerColumn))
    if (before !== null) {
      const start = before.generatedColumn - 1
      if (isHeaderText(text.slice(start, Math.max(start, headerColumn - 1)))) return before
    }
    const after = this.#map.mappingFrom(line, column)
    if (after === null) return null
    return /^[\s(]*$/.test(text.slice(headerColumn - 1, after.generatedColumn - 1)) ? after : null
  }

  #original({ file, line, column }: Mapping, inMap: string, recorded: Frame): Frame {
    const lineOf = (at: number) => this.#map.sourceLine(file, at)
    if (lineOf(line) === '') return { name: inMap || recorded.name, file, line, column }
    const written = writtenAt(lineOf, { line, column })
    const place = { file, line, column: written.column }
    if (written.name) return { name: written.name, ...place }
    const code = codeAround((at) => this.#map.lines[at - 1] ?? '', recorded)
    const isNone = written.name === '' && inMap === '' && isGuess(recorded.name, code)
    return { name: isNone ? ANONYMOUS : inMap || recorded.name, ...place }
  }
}
