/**
 * The pattern of a layer of Express 5.0 to 5.2 (`router` before 2.3), which has kept of its path
 * only a function that matches others with it. Asked for a path with one piece replaced, this tells
 * whether the piece is a parameter's value; what is none stands so in the pattern.
 */
import { isDeepStrictEqual } from 'node:util'

export type Matcher = (path: string) => false | Match

export interface Match {
  /** What of the path was matched. */
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * For a path that it takes. Null for a regular expression, whatever the matcher is called where its
 * code was minified, and where it cannot be told.
 */
export function patternOfProbes(matcher: Matcher, path: string): string | null {
  if (matcher.name === 'regexpMatcher' || opaque.has(matcher)) return null
  const match = matchOf(matcher, path)
  if (match === null) return null
  const pieces: Piece[] = []
  let from = 0
  for (const [name, value] of Object.entries(match.params)) {
    const text = [value].flat().join('/')
    const place = placeOf(matcher, match.path, from, name, text)
    if (place === null) return null
    pieces.push({ text: match.path.slice(from, place.from), value: '', name: '' })
    const taken = match.path.slice(place.from, place.to)
    pieces.push({ text: '', value: taken, name: (Array.isArray(value) ? '*' : ':') + name })
    from = place.to
  }
  pieces.push({ text: match.path.slice(from), value: '', name: '' })
  return asWritten(matcher, pieces, match)
}

// --- internal ---

const PROBE = 'profview'

/** Of a path: text of the pattern, or a parameter's name and value. */
interface Piece {
  readonly text: string
  readonly value: string
  readonly name: string
}

/** Matchers that take other texts, too, in place of one that is no parameter's value. */
const opaque = new WeakSet<Matcher>()
/** Patterns of which that is known not to be so. */
const known = new WeakMap<Matcher, Set<string>>()

/** The client's letter case is not the pattern's: where it does not matter, all are small. */
function asWritten(matcher: Matcher, pieces: readonly Piece[], match: Match): string | null {
  const small = pieces.map((piece) => ({ ...piece, text: piece.text.toLowerCase() }))
  const written = matchOf(matcher, pathOf(small)) === null ? pieces : small
  const pattern = written.map(({ text, name }) => text + name).join('')
  const patterns = known.get(matcher) ?? new Set()
  if (!patterns.has(pattern)) {
    if (takesOthers(matcher, written, match)) {
      opaque.add(matcher)
      return null
    }
    known.set(matcher, patterns.add(pattern))
  }
  return pattern.replace(/\/$/, '')
}

/** Would it take another character somewhere, of the same kind, and all else be the same? */
function takesOthers(matcher: Matcher, pieces: readonly Piece[], { params }: Match): boolean {
  return pieces.some(({ text }, i) =>
    Array.from(text, (_, at) => at).some((at) =>
      neighboursOf(text[at]!).some((other) => {
        const changed = text.slice(0, at) + other + text.slice(at + 1)
        const match = matchOf(matcher, pathOf(pieces.with(i, { ...pieces[i]!, text: changed })))
        return match !== null && isDeepStrictEqual(match.params, params)
      }),
    ),
  )
}

/** `f` is in `[a-f]`, as `e` is, and `g` is not. */
function neighboursOf(character: string): string[] {
  if (character === '/') return []
  for (const kind of ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789']) {
    const at = kind.indexOf(character)
    if (at >= 0) return [kind.at(at - 1)!, kind[(at + 1) % kind.length]!]
  }
  return ['~', '-', 'a'].filter((other) => other !== character)
}

function pathOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text, value }) => text + value).join('')
}

/** Where the value of the parameter stands in the path. */
function placeOf(matcher: Matcher, path: string, from: number, name: string, value: string) {
  for (const text of new Set([value, encodeURIComponent(value)])) {
    for (let at = path.indexOf(text, from); at >= 0; at = path.indexOf(text, at + 1)) {
      const to = at + text.length
      const match = matchOf(matcher, path.slice(0, at) + PROBE + path.slice(to))
      if (match !== null && String(match.params[name]) === PROBE) return { from: at, to }
    }
  }
  return null
}

function matchOf(matcher: Matcher, path: string): Match | null {
  try {
    return matcher(path) || null
  } catch {
    return null
  }
}
