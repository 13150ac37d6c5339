/**
 * The pattern below which middleware has answered a request that no route has matched:
 * `/static` of `app.use('/static', serve)`. The request knows the path alone, which must not be
 * told, so the app's own layers are asked which pattern it fits.
 */

/** What is needed of a request of Express 4 and 5. */
export interface MountedRequest {
  readonly baseUrl?: string
  readonly app?: unknown
}

/** '' where it was answered below no path, or below none that is told by a pattern. */
export function mountedPath({ baseUrl, app }: MountedRequest): string {
  if (typeof baseUrl !== 'string' || baseUrl === '' || !isObject(app)) return ''
  const above: string[] = []
  for (let at: App | undefined = app; at?.parent; at = at.parent) {
    if (typeof at.mountpath !== 'string') return ''
    above.unshift(at.mountpath)
  }
  const mount = above.join('')
  const rest = restBelow(mount, baseUrl)
  if (rest === null) return ''
  // Asked for its `router`, Express 4 throws.
  const pattern = patternBelow((app as App)._router ?? (app as App).router, rest)
  return pattern === null ? '' : mount + pattern
}

// --- internal ---

interface App {
  readonly router?: Router
  readonly _router?: Router
  readonly mountpath?: unknown
  readonly parent?: App
}

interface Router {
  readonly stack?: readonly Layer[]
}

interface Layer {
  readonly route?: unknown
  readonly handle?: Router
  /** Of Express 5.3 and later, as the app has written it. */
  readonly rawPath?: unknown
  /** Of Express 4, made from that. */
  readonly regexp?: RegExp
  readonly keys?: readonly { readonly name: string | number }[]
}

function isObject(value: unknown): value is App {
  return (typeof value === 'object' || typeof value === 'function') && value !== null
}

/** Of all layers that fit, the one with the fewest parameters; null: none. */
function patternBelow(router: Router | undefined, path: string): string | null {
  if (path === '') return ''
  let best: string | null = null
  for (const layer of router?.stack ?? []) {
    if (layer.route) continue
    for (const pattern of patternsOf(layer)) {
      const rest = restBelow(pattern, path)
      if (rest === null) continue
      const below = rest === '' ? '' : layer.handle && patternBelow(layer.handle, rest)
      if (typeof below !== 'string') continue
      const whole = pattern + below
      if (best === null || parametersIn(whole) < parametersIn(best)) best = whole
    }
  }
  return best
}

function patternsOf({ rawPath, regexp, keys = [] }: Layer): string[] {
  const paths = rawPath === undefined && regexp ? fromRegExp(regexp, keys) : [rawPath].flat()
  return paths.filter((path) => typeof path === 'string').map((path) => path.replace(/\/$/, ''))
}

/** What path-to-regexp 0.1 has made of plain patterns, as those; null for any other. */
function fromRegExp({ source }: RegExp, keys: NonNullable<Layer['keys']>): (string | null)[] {
  let next = 0
  // The alternatives of a list follow each other.
  return source.split(/\|(?=\^)/).map((alternative) => {
    const body = /^\^(.*)\\\/\?\(\?=\\\/\|\$\)$/.exec(alternative)?.[1]
    if (body === undefined) return null
    const pattern = body
      .replace(PARAMETER, (_, slash = '') => `${slash}:${keys[next++]?.name}`)
      .replace(/\\([/.-])/g, '$1')
    return /[()[\]?*+|\\^$]/.test(pattern) ? null : pattern
  })
}

const PARAMETER = /\(\?:(\\\/)?\(\[\^\\?\/\]\+\?\)\)/g

/** What is left of a path below a pattern; null where it does not fit. */
function restBelow(pattern: string, path: string): string | null {
  if (pattern.includes('{')) return null
  const [wanted, found] = [pattern.split('/'), path.split('/')]
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i]!.startsWith('*')) return ''
    if (found[i] === undefined || !fits(wanted[i]!, found[i]!)) return null
  }
  const rest = found.slice(wanted.length)
  return rest.length === 0 ? '' : `/${rest.join('/')}`
}

/** Parameters stand for any text, as a whole or within a segment. */
function fits(wanted: string, found: string): boolean {
  return wanted.includes(':') || wanted.toLowerCase() === found.toLowerCase()
}

function parametersIn(pattern: string): number {
  return pattern.split(/[:*]/).length
}
