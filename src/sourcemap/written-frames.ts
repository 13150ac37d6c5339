import { ANONYMOUS, frameKind } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { headerAt } from './function-header.js'
import { pathOfFile, readSourceFile } from './source-file.js'
import { codeAround, isGuess, type LineOf, writtenAt } from './written-name.js'

/**
 * Functions with the name and the place that their source gives them, whoever told of them: those
 * of the app, where the file is the text that ran, or that it was compiled from.
 */
export class WrittenFrames {
  readonly #startedMs: number
  readonly #files = new Map<string, Evidence>()

  /** `startedMs`: when the profiled process was started; default: this one. */
  constructor(startedMs = Date.now() - process.uptime() * 1000) {
    this.#startedMs = startedMs
  }

  /** In the same order; those about which nothing is better known, as they are. Never throws. */
  of(frames: readonly Frame[]): Frame[] {
    if (this.#files.size > MOST_FILES) this.#files.clear()
    const texts = new Map<string, LineOf | null>()
    const textOf = (frame: Frame) => {
      if (frame.line === 0 || frame.column === 0 || frameKind(frame) !== 'app') return null
      if (!texts.has(frame.file)) texts.set(frame.file, this.#read(frame.file))
      return texts.get(frame.file)!
    }
    for (const frame of frames) {
      const lineOf = frame.generated ? null : textOf(frame)
      if (lineOf !== null) this.#weigh(frame, lineOf)
    }
    return frames.map((frame) => {
      const lineOf = textOf(frame)
      const isText = lineOf !== null && (frame.generated || this.#ran(frame.file))
      return isText ? written(frame, lineOf) : frame
    })
  }

  // --- internal ---

  #read(file: string): LineOf | null {
    const source = readSourceFile(pathOfFile(file), LARGEST)
    if (source === null || source.mtimeMs > this.#startedMs) return null
    const lines = new TextDecoder().decode(source.bytes).split(/\r?\n/)
    return (line) => lines[line - 1] ?? ''
  }

  /** A loader may have compiled the file, in memory and without telling anybody. */
  #weigh(frame: Frame, lineOf: LineOf): void {
    const text = lineOf(frame.line)
    const evidence = this.#files.get(frame.file) ?? { named: 0, fits: 0, fails: 0 }
    this.#files.set(frame.file, evidence)
    if (isModule(frame)) return
    const { name, column } = headerAt(text, frame.column)
    const isNamed = name !== '' && text.startsWith(name, column - 1)
    const fits = isFunction(text, frame.column)
    if (fits && frame.name !== ANONYMOUS && writtenAt(lineOf, frame).name === frame.name) {
      evidence.named++
    } else if (isNamed ? frame.name !== ANONYMOUS : !fits) evidence.fails++
    else evidence.fits++
  }

  #ran(file: string): boolean {
    const { named, fits, fails } = this.#files.get(file)!
    return named + fits > fails && (named > 0 || /\.[cm]?js$/.test(file))
  }
}

// --- internal ---

/** Do the names and the places of its functions agree with the text? */
interface Evidence {
  named: number
  fits: number
  fails: number
}

/** Texts that are new each time have names that are, too. */
const MOST_FILES = 10_000
const LARGEST = 8 * 1024 * 1024

function isModule({ name, line, column }: Frame): boolean {
  return line === 1 && column === 1 && name === ANONYMOUS
}

function written(frame: Frame, lineOf: LineOf): Frame {
  const text = lineOf(frame.line)
  if (isModule(frame) || !(frame.generated || isFunction(text, frame.column))) return frame
  const { name: itsName, column } = writtenAt(lineOf, frame)
  const isNone = itsName === '' && isGuess(frame.name, codeAround(lineOf, frame))
  const name = isNone ? ANONYMOUS : itsName || frame.name
  return { ...frame, name, column: frame.generated ? column : startAt(text, frame.column, column) }
}

const KEY = '(?:[\\w$#]+|\\[[^[\\]]*\\]|"[^"]*"|\'[^\']*\')'
/** The first token of a function, or its parameters. */
const BEGIN = new RegExp(
  `(?:(?:async\\s+)?function\\b|class\\b|(?:async\\s*)?(?:\\(|[\\w$]+\\s*=>)|(?:(?:async|get|set)\\s+)?\\*?\\s*${KEY}\\s*\\()`,
  'y',
)
const BEFORE_PARAMETERS = new RegExp(`^${KEY}\\s*(?=\\()`)

/** Can a function begin here? */
function isFunction(text: string, column: number): boolean {
  BEGIN.lastIndex = column - 1
  const begin = BEGIN.exec(text)?.[0]
  if (begin === undefined) return false
  return !begin.endsWith('(') || isParameters(text, column - 1 + begin.length)
}

/** Does a body follow? Where they end on another line, perhaps. */
function isParameters(text: string, from: number): boolean {
  for (let i = from, depth = 1; i < text.length; i++) {
    if ('([{'.includes(text[i]!)) depth++
    else if (')]}'.includes(text[i]!) && --depth === 0)
      return /^\)\s*(?:=>|\{|:|$)/.test(text.slice(i))
  }
  return true
}

/** Where V8 has a function begin in samples: its parameters, or the first token of an arrow. */
function startAt(text: string, column: number, headerColumn: number): number {
  const name = BEFORE_PARAMETERS.exec(text.slice(headerColumn - 1))
  if (name !== null) return headerColumn + name[0].length
  return /^(?:async\s+)?function\b/.test(text.slice(column - 1)) ? headerColumn : column
}
