/**
 * The route pattern of a request (`/users/:id`), known late and never the path itself: a path holds
 * what dumps must not (names, ids, tokens).
 */
import type { IncomingRequest } from './request.js'

/**
 * Watches the request from now on and returns a function that tells its route pattern; '' while none has matched.
 * A router keeps only the path under which it was mounted, and only until it is left, so the route is noted when it is
 * set, and the values of parameters are replaced by their names. Never throws. What is returned does not keep the request.
 */
export function watchRoute(request: IncomingRequest): () => string {
  const params = new Map<string, string>()
  let known = ''
  watch(request, 'params', (value) => remember(params, value))
  watch(request, 'route', (value, request) => {
    const path = patternOf((value as IncomingRequest['route'])?.path)
    if (path !== '') known = join(mountPattern(request.baseUrl ?? '', params), path)
  })
  return () => known
}

// --- internal ---

/** Tells of each value that a property takes, the present one first. */
function watch(
  request: IncomingRequest,
  property: 'params' | 'route',
  tell: (value: unknown, request: IncomingRequest) => void,
): void {
  const see = (value: unknown, request: IncomingRequest) => {
    try {
      tell(value, request)
    } catch {
      // What the app put there is no router's.
    }
  }
  let current: unknown = request[property]
  see(current, request)
  Object.defineProperty(request, property, {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(this: IncomingRequest, value: unknown) {
      current = value
      see(value, this)
    },
  })
}

function remember(values: Map<string, string>, params: unknown): void {
  if (typeof params !== 'object' || params === null) return
  for (const [name, value] of Object.entries(params)) {
    // A wildcard spans segments: one text in Express 4, an array in Express 5.
    for (const part of [value].flat().filter((part) => typeof part === 'string')) {
      for (const text of [part, ...part.split('/')]) if (text !== '') values.set(text, name)
    }
  }
}

function patternOf(path: unknown): string {
  if (typeof path === 'string') return path
  if (path instanceof RegExp) return String(path)
  return Array.isArray(path) ? path.map(patternOf).join('|') : ''
}

/** A parameter is a whole segment (`/users/:id`) or, where it is none, a part of one (`/:from-:to`). */
function mountPattern(baseUrl: string, params: ReadonlyMap<string, string>): string {
  const segments = baseUrl.split('/').map(decode)
  const parts = [...params.keys()]
    .filter((value) => !segments.includes(value))
    .sort((a, b) => b.length - a.length)
  const inside = new RegExp(parts.map(literally).join('|') || '(?!)', 'g')
  return segments
    .map((segment) => {
      const name = params.get(segment)
      if (name !== undefined) return `:${name}`
      return segment.replace(inside, (value) => `:${params.get(value)}`)
    })
    .join('/')
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function join(mount: string, path: string): string {
  return path === '/' && mount !== '' ? mount : mount + path
}
