import { isHelperName } from '../profile/frames.js'
import { headerAt, onlyCaller, positionIn } from './function-header.js'
import type { Position, SourceMap } from './map.js'

/** A helper that the compiler wrote into a file, from its name to its end. */
interface HelperCode {
  readonly name: string
  readonly start: Position
  readonly end: Position
}

/**
 * What a compiler adds to a file in order to take `async` functions and generators apart: the code
 * of its helpers, and the functions that hold the second half of one that was taken apart.
 */
export class CompilerAdditions {
  readonly #lines: readonly string[]
  readonly #helpers: HelperCode[] = []
  readonly #call: RegExp

  constructor(map: SourceMap) {
    this.#lines = map.lines
    const aliases = helperAliases(map)
    for (let i = 0; i < map.lines.length; i++) this.#findHelpers(i, aliases)
    this.#call = callOf([...aliases.keys()])
  }

  /** The helper in whose code this is, with the place of its name. */
  helperAt(line: number, column: number): { name: string; at: Position } | null {
    const at = { line, column }
    const found = this.#helpers.find(({ start, end }) => !isBefore(at, start) && isBefore(at, end))
    return found ? { name: found.name, at: found.start } : null
  }

  /** The function of which the one that begins here is the second half; else the place itself. */
  wholeOf(line: number, column: number): Position {
    let at = { line, column }
    for (let i = 0; i < MOST_HALVES; i++) {
      const outer = this.#outerOf(at)
      if (outer === null) return at
      at = outer
    }
    return at
  }

  // --- internal ---

  #outerOf({ line, column }: Position): Position | null {
    const text = this.#lines[line - 1] ?? ''
    const parameters = headerAt(text, column).column
    const from = Math.max(0, parameters - 1 - REACH)
    const head = text.slice(from, parameters - 1)
    const call = this.#call.exec(head)
    if (call === null) return null
    const first = Math.max(1, line - MOST_LINES)
    const before = this.#lines
      .slice(first - 1, line - 1)
      .join('\n')
      .slice(-REACH)
    const start = positionOfTail(this.#lines, line - 1, before)
    const joined = from > 0 || line === 1 ? head : `${before}\n${head}`
    const outer = onlyCaller(joined.slice(0, joined.length - head.length + call.index))
    if (outer === -1) return null
    return positionIn(joined, outer, joined === head ? { line, column: from + 1 } : start)
  }

  #findHelpers(index: number, aliases: ReadonlyMap<string, string>): void {
    const line = this.#lines[index]!
    if (aliases.size === 0 && !MENTION.test(line)) return
    for (const match of line.matchAll(DEFINITION)) {
      const [text, ownName, byThis = ''] = match
      const rest = line.slice(match.index + text.length - 1, match.index + text.length + 99)
      const alias = PROMISE_MAKER.test(rest) ? aliases.get(ownName!) : undefined
      const name = [ownName!, byThis].find(isHelperName) ?? alias
      if (name === undefined) continue
      const start = { line: index + 1, column: match.index + text.indexOf(ownName!) + 1 }
      const end = endOfDefinition(this.#lines, start, text.startsWith('function'))
      this.#helpers.push({ name, start, end })
    }
  }
}

// --- internal ---

const NAMES = [
  ...['__awaiter', '__generator', '__asyncGenerator', '__async', '_asyncToGenerator'],
  ...['_async_to_generator', '_ts_generator', '_wrapAsyncGenerator'],
]
/** `function* () {…}` in `__generator` in `__awaiter`. */
const MOST_HALVES = 3
const MOST_LINES = 20
/** What is further away is not looked at: a file may be one line of megabytes. */
const REACH = 4_000
const LONGEST_HELPER = 20_000
const DEFINITION =
  /(?:function\s+|(?<=(?:^|[;,{}]|\b(?:var|let|const))\s*))([\w$]+)\s*(?:\(|=\s*(?:\(?this\s*&&\s*this\.(\w+)|\())/g

const MENTION = new RegExp(`${NAMES.join('|')}|asyncGeneratorStep|_regenerator`)
/** Other functions of a minified file have the same short names. */
const PROMISE_MAKER = /^\([\w$,\s]*\)\s*=>\s*new Promise\(/

/** The end of a call of a helper, up to the parameters of the function that it is given. */
function callOf(aliases: readonly string[]): RegExp {
  const names = NAMES.join('|')
  const short = aliases.map((alias) => alias.replaceAll('$', '\\$')).join('|') || '(?!)'
  const byName = `(?:\\(0,\\s*[\\w$.]+\\.(?:${names})\\)|(?<![\\w$.])(?:[\\w$]+\\.)?(?:${names}))`
  const start = `${byName}\\([^;{}]*?function\\s*\\*?`
  const shortStart = `(?<![\\w$.])(?:${short})\\([^;{}]*?function\\s*\\*`
  return new RegExp(`(?:${start}|${shortStart})\\s*[\\w$]*\\s*$`)
}

/** What minified code calls its helpers, by the map: `o` → `__async`. */
function helperAliases(map: SourceMap): Map<string, string> {
  const aliases = new Map<string, string>()
  for (const { line, column, name } of map.placesOf(isHelperName)) {
    const text = /^[\w$]+/.exec((map.lines[line - 1] ?? '').slice(column - 1))?.[0]
    if (text !== undefined) aliases.set(text, name)
  }
  return aliases
}

/** Where the brackets of a definition are closed again. */
function endOfDefinition(
  lines: readonly string[],
  start: Position,
  isDeclaration: boolean,
): Position {
  let depth = 0
  let column = start.column
  let left = LONGEST_HELPER
  for (let line = start.line; line <= lines.length; line++, column = 1) {
    const text = lines[line - 1]!
    for (; column <= text.length && left > 0; column++, left--) {
      const letter = text[column - 1]!
      if (letter === '(' || letter === '{' || letter === '[') depth++
      else if (letter === ')' || letter === '}' || letter === ']') depth--
      const isEnd =
        depth === 0 && (isDeclaration ? letter === '}' : letter === ';' || letter === ',')
      if (depth < 0 || isEnd) return { line, column: column + 1 }
    }
    if (left <= 0) return { line, column }
  }
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column)
}

/** Where a text begins that ends with the last of the first `count` lines. */
function positionOfTail(lines: readonly string[], count: number, text: string): Position {
  const parts = text.split('\n')
  const first = count - parts.length + 1
  return { line: first, column: (lines[first - 1]?.length ?? 0) - parts[0]!.length + 1 }
}
