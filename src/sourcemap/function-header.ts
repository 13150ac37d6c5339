import type { Position } from './map.js'

/** Where a function is said to begin, whoever says it, and what the text calls it. */
export interface Header {
  /** Of its name; of its parameters where it has none. */
  readonly column: number
  /** Its own name or that of what it is assigned to, '' where the text has neither. */
  readonly name: string
}

/**
 * The header of the function that begins at a column of a line, or has its parameters there: V8 and
 * source maps mean different tokens of one header. Columns count from 1.
 *
 *     export async function load(id) {     column 1, 8, 23 or 27  →  { column: 23, name: 'load' }
 *     const load = async (id) => {         column 14, 20 or 21    →  { column: 20, name: 'load' }
 */
export function headerAt(line: string, column: number): Header {
  const start = column - 1
  MODIFIERS.lastIndex = start
  const at = start + (MODIFIERS.exec(line)?.[0].length ?? 0)
  NAME.lastIndex = at
  const name = NAME.exec(line)?.[0]
  const isFirstParameter = at === start && line[at - 1] === '(' && line[at] !== '('
  if (isFirstParameter && !/^[\w$]+\s*=>/.test(line.slice(at))) return headerAt(line, at)
  if (name !== undefined && !KEYWORDS.has(name)) {
    const behind = line.slice(at + name.length)
    if (/^\s*=>/.test(behind)) return { column: at + 1, name: nameBefore(line, start) }
    return { column: at + 1, name }
  }
  if (line[at] !== '(') return { column, name: '' }
  const own = at === start ? OWN_NAME.exec(line.slice(LINE_HEAD(at), at)) : null
  if (own !== null && !KEYWORDS.has(own[1]!)) {
    return { column: at - own[0].length + 1, name: own[1]! }
  }
  return { column: at + 1, name: nameBefore(line, at) }
}

/** Is there nothing but the beginning of a function's header in this piece of code? */
export function isHeaderText(text: string): boolean {
  return !/[;{},)]|=>/.test(text)
}

/**
 * Where the function begins that consists of nothing but the call at the end of `text`, up to which
 * the file is given: the place of its parameters, counted from the end of the text's first line.
 *
 *     load(id) {\n  var a, b;\n  return __awaiter(…    →  the parenthesis before `id`
 *     (id) => __awaiter(…                              →  the first parenthesis
 */
export function onlyCaller(text: string): number {
  let rest = text.trimEnd()
  const isArrow = rest.endsWith('=>')
  if (isArrow) rest = rest.slice(0, -2).trimEnd()
  else {
    rest = rest.replace(/\breturn$/, '').trimEnd()
    for (let before = ''; before !== rest; ) {
      before = rest
      rest = rest.replace(/(\b(var|let|const)\s+[\w$\s,=]*|(["'])use strict\3);?$/, '').trimEnd()
    }
    if (!rest.endsWith('{')) return -1
    rest = rest.slice(0, -1).trimEnd()
  }
  if (rest.endsWith(')')) return openingOf(rest)
  return isArrow ? rest.search(/[\w$]+$/) : -1
}

/** Line and column of an offset into a text whose first character is at `from`. */
export function positionIn(text: string, offset: number, from: Position): Position {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  if (lineStart === 0) return { line: from.line, column: from.column + offset }
  return { line: from.line + before.split('\n').length - 1, column: offset - lineStart + 1 }
}

// --- internal ---

/**
 * Words in front of a name or of parameters; what a name could be is one only if more of the header
 * follows.
 */
const MODIFIERS =
  /(?:(?:export|default|declare|public|private|protected|override|abstract|readonly|static|get|set|class|async)\s+(?=[\w$#*[(<])|async(?=\()|function\b\s*\*?\s*|\*\s*)*/y
const NAME = /[\w$#]+/y
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['function', 'async', 'return', 'await', 'yield', 'new', 'typeof', 'void', 'if', 'while'],
])
/** A name right before parameters, with its type parameters. */
const OWN_NAME = /([\w$#]+)\s*(?:<[^<>()]*>)?\s*$/
/** No name is longer: what is further away on the line does not matter. */
const LINE_HEAD = (at: number) => Math.max(0, at - 200)

/** The name of the variable or property that the function at this index becomes. */
function nameBefore(line: string, index: number): string {
  const head = line
    .slice(LINE_HEAD(index), index)
    .replace(/(?:\bfunction\s*\*?|\basync)\s*$/, '')
    .replace(/\basync\s*$/, '')
  const assigned = /(?:^|[^\w$#])([\w$#]+)\s*(?::[^=;,{}()]*)?=\s*$/.exec(head)
  if (assigned) return assigned[1]!
  const property = /(?:^|[{,(])\s*(?:[\w$]+\s+)?([\w$#]+)\s*:\s*$/.exec(head)
  return property?.[1] ?? ''
}

/** The index of the parenthesis that the one at the end closes, or -1. */
function openingOf(text: string): number {
  let depth = 0
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ')') depth++
    else if (text[i] === '(' && --depth === 0) return i
  }
  return -1
}
