import { headerAt } from './function-header.js'
import type { Position } from './map.js'

/** A line of a text, '' where there is none. */
export type LineOf = (line: number) => string

/** What the text says of a function. */
export interface Written {
  /** Of its name; of its parameters where it has none. */
  readonly column: number
  /**
   * `load`, `get size`, `shop.load`; `(GET /users/:id)` for a route's handler without a name, which
   * no source can contain; '' where it has none; null where this does not understand the text.
   */
  readonly name: string | null
}

/**
 * What the function is called whose header is at a place, by what stands before it: its own name,
 * what it is assigned to, or the route that it handles. V8 guesses where the text has nothing.
 *
 *     r.ok = await new Promise((resolve) => {    column 26  →  ''     (V8: `r.ok`)
 *     app.get('/users/:id', auth, (req, res) =>  column 29  →  `(GET /users/:id)`
 *     [Symbol.iterator]() {                      column 1   →  `[Symbol.iterator]`
 */
export function writtenAt(lineOf: LineOf, at: Position): Written {
  const { line, column } = at
  const text = lineOf(line)
  const header = headerAt(text, column - 1 + bracketNear(text, column))
  const head = text.slice(0, header.column - 1)
  if (header.name !== '' && text.startsWith(header.name, header.column - 1)) {
    const isConstructor = header.name === 'constructor'
    const name = isConstructor ? classAbove(lineOf, at) : accessor(head) + header.name
    return { column: header.column, name }
  }
  const key = keyAt(text, header.column)
  if (key !== null) return key
  const start = head.replace(KEYWORDS_BEFORE, '')
  if (/\bexport\s+default\s*$/.test(start)) return { column: header.column, name: 'default' }
  return { column: header.column, name: nameBy(before(lineOf, line, start)) }
}

/**
 * Has V8 put the name together from what stands around the function, `code`? Otherwise it was given
 * while the program ran.
 */
export function isGuess(name: string, code: string): boolean {
  const word = name.replace(/[^\w]/g, '\\$&')
  return name.includes('.') || new RegExp(`(?<![\\w$#'"\`])${word}(?![\\w$#'"\`])`).test(code)
}

/** The code in which V8 looks for a name, about. */
export function codeAround(lineOf: LineOf, { line, column }: Position): string {
  const from = Math.max(0, column - NEAR)
  const around = [lineOf(line).slice(from, column + NEAR)]
  for (let i = 1; i <= LINES_AROUND; i++) {
    around.unshift(lineOf(line - i).slice(-NEAR))
    around.push(lineOf(line + i).slice(0, NEAR))
  }
  return around.join('\n')
}

// --- internal ---

const KEYWORDS_BEFORE = /(?:\basync\s*)?(?:\bfunction\s*\*?\s*)?(?:\basync\s*)?(?:<[^<>()]*>\s*)?$/
const MOST_LINES = 60
const REACH = 4_000
const LONGEST_KEY = 80
const LINES_AROUND = 3
const NEAR = 400
const LONGEST_CLASS = 1_000
const KEY = `(\\[[^[\\]]*\\]|"[^"]*"|'[^']*')\\s*`
const KEY_AHEAD = new RegExp(`^(?:(?:async|get|set|static)\\s+|\\*\\s*)*${KEY}\\(`)
const KEY_BEHIND = new RegExp(`${KEY}$`)

const NAME = '[\\w$#]+'
const PATH = `(?<![\\w$#.])(${NAME}(?:\\??\\.${NAME})*)`
/** `load =`, `const load: Load =`, `shop.load ??=`. */
const ASSIGNED = new RegExp(`(?<!=>\\s*)${PATH}\\s*(?::[^=;,{}()\\n]*)?(?:\\|\\||\\?\\?|&&)?=$`)
/** `load = isFast ?`, `load = other ||`: what is one of the values. */
const ASSIGNED_EITHER = new RegExp(`${PATH}\\s*=(?![=>])[^=;,{}()[\\]]*(?:[?:]|\\|\\||&&)$`)
const PROPERTY = new RegExp(`(?:^|[{,(]|\\*/)\\s*(?:(${NAME})|(["'])([^"']*)\\2)\\s*:$`)
/** `const load: (id: number) => Promise<Shop> =`, `onEnd?: () => void =`. */
const DECLARED = new RegExp(
  `(?:\\b(?:const|let|var)\\s+(?=[^;]*=$)|(?:^|\\n)\\s*(?:\\w+\\s+)*(?=[^;\\n]*=$))(${NAME})\\??\\s*:[^;]*[^=!<>]=$`,
)
const RETURNED = /(?:=>|\breturn)$/
const CALLEE = new RegExp(`(?:\\b(new)\\s+)?(?:${PATH}|\\.\\s*(${NAME}))\\s*(?:<[^<>]*>)?$`)
const INDEXED = /(?<!(?<![\w$.])(?:return|of|in|case|await|yield)\s*)(?<=[\w$)\]]\s*)$/
const ROUTE = /(?:^|\.)(get|head|post|put|patch|delete|options|all|use)$/
const ROUTE_PATH = /^\s*(["'`])([/*][^"'`\s$]*)\1\s*,/
const ROUTE_OF_CHAIN = /\.route\(\s*(["'`])([/*][^"'`\s$]*)\1\s*\)\s*\.\w+$/
const KEYWORD = /^(?:if|for|while|switch|catch|return|typeof|await|yield|void|in|of|case|do|else)$/

/** By the code before the function, up to it. */
function nameBy(code: string): string | null {
  const end = code.slice(-NEAR)
  const forms = end.endsWith('=') ? [ASSIGNED, DECLARED] : [ASSIGNED_EITHER]
  const name = forms.map((form) => form.exec(end)?.[1]).find(Boolean)
  if (name !== undefined) return shortened(name)
  const property = PROPERTY.exec(end)
  if (property) return property[1] ?? property[3]!
  if (RETURNED.test(end)) return ''
  if (!/[([,]$/.test(code)) return null
  const open = openingBefore(code)
  if (code[open] === '[') return INDEXED.test(code.slice(0, open)) ? null : ''
  if (code[open] !== '(') return null
  const callee = code.slice(0, open).trimEnd()
  const [, isNew, path, method] = CALLEE.exec(callee.slice(-NEAR)) ?? []
  if (isNew) return ''
  const called = path ?? method
  if (called === undefined || (path && KEYWORD.test(path))) return callee.endsWith(']') ? '' : null
  return routeOf(called, callee, code.slice(open + 1))
}

function routeOf(called: string, callee: string, given: string): string {
  const verb = ROUTE.exec(called)?.[1]
  if (verb === undefined) return ''
  const path = (ROUTE_PATH.exec(given) ?? ROUTE_OF_CHAIN.exec(callee))?.[2]
  return path === undefined ? '' : `(${verb.toUpperCase()} ${path})`
}

/** `this.load`, `Shop.prototype.load`: as V8 has it. */
function shortened(path: string): string {
  const names = path.split(/\??\./).filter((name) => name !== 'this' && name !== 'prototype')
  return names.join('.')
}

/** Maps have what is in the brackets of a computed key, or their end: from there to the header. */
function bracketNear(text: string, column: number): number {
  if (text[column - 2] === '[' && KEY_AHEAD.test(text.slice(column - 2))) return 0
  return text[column - 1] === ']' ? text.indexOf('(', column) + 2 - column : 1
}

/** A key in front of the parameters, computed or quoted; the place may be that of the key. */
function keyAt(text: string, column: number): Written | null {
  const at = column - 1
  const ahead = KEY_AHEAD.exec(text.slice(at))
  const behind = text[at] === '(' ? KEY_BEHIND.exec(text.slice(0, at)) : null
  const key = ahead?.[1] ?? behind?.[1]
  if (key === undefined) return null
  const start = ahead ? at + ahead[0].indexOf(key) : behind!.index
  const head = text.slice(0, start)
  // `rows[i](` is a call.
  if (!ahead && !/(?:^|[{,};*]|\b(?:async|get|set|static))\s*$/.test(head)) return null
  const name = /^\[?\s*(["'])([^"']*)\1\s*\]?$/.exec(key)?.[2] ?? key
  return { column: start + 1, name: name.length > LONGEST_KEY ? '' : accessor(head) + name }
}

/** V8 calls a constructor by the name of its class. */
function classAbove(lineOf: LineOf, { line, column }: Position): string | null {
  let indent = column - 1
  for (let at = line; at > 0 && line - at <= LONGEST_CLASS; at--) {
    const text = at === line ? lineOf(at).slice(0, column - 1) : lineOf(at)
    const found = /(?<![\w$.])class\s+([\w$]+)(?=\s*(?:[<{]|extends\b|implements\b|$))/.exec(text)
    if (found && (at === line || text.search(/\S/) < indent)) return found[1]!
    if (at === line && text.trim() === '') indent = text.length
  }
  return null
}

function accessor(head: string): string {
  const word = /(?:^|[\s{,;}])([gs]et)\s+$/.exec(head)?.[1]
  return word === undefined ? '' : `${word} `
}

/** The code up to a line's head, as far as it may matter, without comments at its end. */
function before(lineOf: LineOf, line: number, head: string): string {
  let code = withoutComments(head)
  for (let at = line - 1; at > 0 && line - at <= MOST_LINES && code.length < REACH; at--) {
    const text = withoutComments(lineOf(at).replace(/(^|[\s;{}(),])\/\/.*$/, '$1'))
    code = `${text}\n${code}`
    // The statement before is not looked at, where that is easily seen.
    if (/[;}]$/.test(text) && /^\s*(?:const|let|var|export|\w+(?:\.\w+)*\s*[(=])/.test(code)) break
  }
  return withoutComments(code).slice(-REACH)
}

function withoutComments(code: string): string {
  let rest = code.trimEnd()
  while (rest.endsWith('*/')) {
    const start = rest.lastIndexOf('/*')
    if (start === -1) break
    rest = rest.slice(0, start).trimEnd()
  }
  return rest
}

/** The index of the bracket in which the end of the code is, -1 where it is not in this piece. */
function openingBefore(code: string): number {
  let depth = 0
  for (let i = code.length - 1; i >= 0; i--) {
    const letter = code[i]!
    if (letter === '"' || letter === "'" || letter === '`') {
      do i = code.lastIndexOf(letter, i - 1)
      while (i > 0 && code[i - 1] === '\\')
      if (i === -1) return -1
    } else if (letter === ')' || letter === ']' || letter === '}') depth++
    else if ((letter === '(' || letter === '[' || letter === '{') && depth-- === 0) return i
  }
  return -1
}
