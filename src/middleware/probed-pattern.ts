/**
 * The pattern of a layer of Express 5.0 to 5.2 (`router` before 2.3), which has kept of its path
 * only a function that matches others with it. Asked for a path with one piece replaced, this tells
 * whether the piece is a parameter's value; what is none stands so in the pattern.
 */

export type Matcher = (path: string) => false | Match

export interface Match {
  /** What of the path was matched. */
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

/** For a path that it takes. Null for a regular expression, and where it cannot be told. */
export function patternOfProbes(matcher: Matcher, path: string): string | null {
  if (matcher.name === 'regexpMatcher') return null
  const match = matchOf(matcher, path)
  if (match === null) return null
  let pattern = ''
  let from = 0
  for (const [name, value] of Object.entries(match.params)) {
    const text = [value].flat().join('/')
    const place = placeOf(matcher, match.path, from, name, text)
    if (place === null) return null
    pattern += match.path.slice(from, place.from) + (Array.isArray(value) ? '*' : ':') + name
    from = place.to
  }
  return pattern + match.path.slice(from).replace(/\/$/, '')
}

// --- internal ---

const PROBE = 'profview'

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
