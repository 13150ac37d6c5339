/**
 * Patterns of paths: `/users/:id`, `/files/*`. A segment has one parameter at most, so that no path
 * takes long to compare.
 */
export interface RoutePattern {
  readonly pattern: string
  readonly fits: RegExp
}

/** Undefined for what is no list of patterns. */
export function routePatterns(value: unknown): readonly RoutePattern[] | undefined {
  if (!Array.isArray(value)) return undefined
  const patterns = value.map(routePattern)
  return patterns.some((pattern) => pattern === undefined)
    ? undefined
    : (patterns as RoutePattern[])
}

/** `/users/:id,/files/*`: the same as one text. */
export function routeList(text: string): readonly RoutePattern[] | undefined {
  return routePatterns(text.split(',').map((pattern) => pattern.trim()))
}

// --- internal ---

/** A name, a parameter, one with text around it, or all the rest. */
const SEGMENT = /^([^:*{}()?+]*)(?:(:\w+)([^:*{}()?+]*))?$/
const REST = /^\*\w*$/

function routePattern(pattern: unknown): RoutePattern | undefined {
  if (typeof pattern !== 'string' || !pattern.startsWith('/')) return undefined
  const segments = pattern.slice(1).split('/')
  let source = ''
  for (const [i, segment] of segments.entries()) {
    if (REST.test(segment) && i === segments.length - 1) source += '(?:/.*)?'
    else {
      const parts = SEGMENT.exec(segment)
      if (parts === null) return undefined
      const [, before, parameter, after = ''] = parts
      source += `/${escaped(before!)}${parameter === undefined ? '' : '[^/]+'}${escaped(after)}`
    }
  }
  return { pattern, fits: new RegExp(`^${source.replace(/\/$/, '')}/?$`, 'i') }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}
