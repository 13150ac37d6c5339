/** The frames of a captured stack, as V8 has them. */
export interface EnclosedCallSite extends NodeJS.CallSite {
  // V8's, on all versions we run on, missing from the types.
  getEnclosingLineNumber(): number | null
  getEnclosingColumnNumber(): number | null
}

/** A stack as V8 has captured it, unformatted: read through `callSites` only. */
export interface Captured {
  readonly stack?: unknown
}

/**
 * Reads the captured frames without formatting them and without touching the app's own formatter.
 */
export function callSites(captured: Captured): readonly EnclosedCallSite[] {
  const prepare = Error.prepareStackTrace
  Reflect.set(Error, 'prepareStackTrace', (_error: unknown, sites: unknown) => sites)
  try {
    return Array.isArray(captured.stack) ? captured.stack : []
  } finally {
    if (prepare === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else Reflect.set(Error, 'prepareStackTrace', prepare)
  }
}
