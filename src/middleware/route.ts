/**
 * The route pattern of a request (`/users/:id`), known late and never the path itself: a path holds
 * what dumps must not (names, ids, tokens).
 */
import type { IncomingRequest } from './request.js'

/**
 * Watches the request from now on and returns a function that tells its route pattern; '' while none has matched.
 * A router keeps only the path under which it was mounted, so the values of parameters are replaced by their names.
 */
export function watchRoute(request: IncomingRequest): () => string {
  const params = new Map<string, string>()
  let current: unknown = request.params
  remember(params, current)
  Object.defineProperty(request, 'params', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(value: unknown) {
      current = value
      remember(params, value)
    },
  })
  let known = ''
  return () => {
    remember(params, current)
    const path = patternOf(request.route?.path)
    if (path !== '') known = join(mountPattern(request.baseUrl ?? '', params), path)
    return known
  }
}

// --- internal ---

function remember(values: Map<string, string>, params: unknown): void {
  if (typeof params !== 'object' || params === null) return
  for (const [name, value] of Object.entries(params)) {
    for (const part of Array.isArray(value) ? value : [value]) {
      if (typeof part === 'string' && part !== '') values.set(part, name)
    }
  }
}

function patternOf(path: unknown): string {
  if (typeof path === 'string') return path
  if (path instanceof RegExp) return String(path)
  return Array.isArray(path) ? path.map(patternOf).join('|') : ''
}

function mountPattern(baseUrl: string, params: ReadonlyMap<string, string>): string {
  const segments = baseUrl.split('/').map((segment) => {
    const name = params.get(decode(segment))
    return name === undefined ? segment : `:${name}`
  })
  return segments.join('/')
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
