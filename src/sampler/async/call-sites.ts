/**
 * Stacks as V8 has them, captured and read without the app's `Error`, which it may have frozen, may
 * have given accessors or a formatter of its own: V8 asks the realm of whoever captures how deep it
 * shall look, and Node that of what was captured how it shall be formatted. So both are done in a
 * realm of our own.
 */

/** The frames of a captured stack. */
export interface EnclosedCallSite extends NodeJS.CallSite {
  // V8's, on all versions we run on, missing from the types.
  getEnclosingLineNumber(): number | null
  getEnclosingColumnNumber(): number | null
}

/** A stack as V8 has captured it, unformatted: read through `callSites` only. */
export interface Captured {
  readonly stack?: unknown
}

/** Where we are; null where that cannot be had. */
export function capture(): Captured | null {
  openRealm()
  try {
    return capturing?.() ?? null
  } catch {
    // Too deep for one more call.
    return null
  }
}

/** Reads the captured frames without formatting them. */
export function callSites(captured: Captured): readonly EnclosedCallSite[] {
  const { stack } = captured
  return Array.isArray(stack) ? stack : []
}

// --- internal ---

/** Of frames. */
const DEPTH = 128

const CODE = `'use strict'
const { captureStackTrace } = Error
Error.stackTraceLimit = ${DEPTH}
Error.prepareStackTrace = (_error, sites) => sites
;(function capture() {
  const captured = {}
  captureStackTrace(captured, capture)
  return captured
})`

let isOpened = false
let capturing: (() => Captured) | null = null

/** Makes the realm, 1 ms and 0.3 MB, at the first call. Never throws. */
function openRealm(): void {
  if (isOpened) return
  isOpened = true
  try {
    const vm = process.getBuiltinModule('node:vm')
    capturing = vm.runInContext(CODE, vm.createContext())
  } catch {
    // Not allowed here: nothing is ever captured.
  }
}
