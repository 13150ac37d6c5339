import { METHODS } from 'node:http'

/**
 * The method of a request, `OTHER` where it is none that is known: over HTTP/2 it may be any text,
 * and a proxy passes it on. Empty where there is none.
 */
export function methodName(method: unknown): string {
  return isMethod(method) ? method : method === undefined ? '' : 'OTHER'
}

export function isMethod(method: unknown): method is string {
  return KNOWN.has(method)
}

// --- internal ---

const KNOWN: ReadonlySet<unknown> = new Set([...METHODS, 'OTHER'])
