/**
 * The route pattern of a request (`/users/:id`), known late and never the path itself: a path holds
 * what dumps must not (names, ids, tokens).
 */

import type { IncomingRequest } from '../recorder/request.js'
import { createTags } from '../sampler/async/object-tags.js'
import { mountedPath } from './mounted-path.js'
import { learnMount, mountOf } from './route-mounts.js'

/** A request of Express, or of a router that sets the same. */
export interface RoutedRequest extends IncomingRequest {
  baseUrl?: string
  route?: { readonly path?: unknown }
  params?: unknown
  readonly app?: unknown
}

/**
 * Watches the request from now on and returns a function that tells its route pattern; '' while
 * none has matched. A router keeps only the path under which it was mounted, and only until it is
 * left, so the route is noted when it is set, and the values of parameters are replaced by their
 * names. Called again at the end, it looks where middleware has answered that no route has matched.
 * Never throws. What is returned does not keep the request.
 */
export function watchRoute(request: IncomingRequest): () => string {
  const watched = watches.get(request)
  if (watched === null) {
    const fresh = watch(request)
    return () => fresh.known
  }
  learnMounted(watched, request as RoutedRequest)
  return () => watched.known
}

/**
 * The route pattern of a request that was not watched, at its end. Null: its route is not known yet
 * from one that was.
 */
export function readRoute(request: IncomingRequest): string | null {
  let found: string | null = ''
  attempt(() => {
    const { route, baseUrl = '', app } = request as RoutedRequest & { app?: object }
    if (typeof route !== 'object' || route === null) {
      found = route === undefined ? mountedPath(request as RoutedRequest) : ''
      return
    }
    const mount = mountOf(route, baseUrl, app)
    found = mount === null ? null : join(mount, patternOf(route.path))
  })
  return found
}

// --- internal ---

/** On its own: what is returned above would keep whatever another closure beside it uses. */
function learnMounted(watched: WatchedRoute, request: RoutedRequest): void {
  attempt(() => {
    if (watched.route === undefined) watched.known ||= mountedPath(request)
  })
}

function watch(request: IncomingRequest): WatchedRoute {
  const watched = new WatchedRoute(request as RoutedRequest)
  watches.set(request, watched)
  Object.defineProperty(request, 'params', PARAMS)
  Object.defineProperty(request, 'route', ROUTE)
  return watched
}

/** What has been seen of a request's route; it does not keep the request. */
class WatchedRoute {
  known = ''
  params: unknown
  route: unknown
  /** Values of parameters, and their names. */
  #values: Map<string, string> | null = null

  constructor(request: RoutedRequest) {
    this.seeParams(request.params)
    this.seeRoute(request.route, request)
  }

  seeParams(params: unknown): void {
    this.params = params
    if (params === undefined) return
    this.#values ??= new Map()
    attempt(() => remember(this.#values!, params))
  }

  seeRoute(route: unknown, request: RoutedRequest): void {
    this.route = route
    if (route === undefined) return
    attempt(() => {
      const path = patternOf((route as RoutedRequest['route'])?.path)
      const mount = request.baseUrl ?? ''
      if (path === '') return
      const pattern = mountPattern(mount, this.#values ?? NO_VALUES)
      this.known = join(pattern, path)
      learnMount(route as object, pattern)
    })
  }
}

const watches = createTags<WatchedRoute>()
const NO_VALUES: ReadonlyMap<string, string> = new Map()

/**
 * The same functions for all requests: with their own, each would be of a class of its own to V8,
 * and all code slow.
 */
const PARAMS: PropertyDescriptor & ThisType<RoutedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return watchOf(this).params
  },
  set(value: unknown) {
    watchOf(this).seeParams(value)
  },
}
const ROUTE: PropertyDescriptor & ThisType<RoutedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return watchOf(this).route
  },
  set(value: unknown) {
    watchOf(this).seeRoute(value, this)
  },
}

/** The request's own, or that of the request which this one was derived from. */
function watchOf(request: object): WatchedRoute {
  for (let at = request; ; at = Object.getPrototypeOf(at)) {
    const watched = watches.get(at)
    if (watched !== null) return watched
  }
}

/** What the app put there may be no router's. */
function attempt(look: () => void): void {
  try {
    look()
  } catch {
    // Nothing was learned.
  }
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

/**
 * A parameter is a whole segment (`/users/:id`) or, where it is none, a part of one (`/:from-:to`).
 */
function mountPattern(baseUrl: string, params: ReadonlyMap<string, string>): string {
  if (baseUrl === '') return ''
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
