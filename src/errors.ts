import { printable } from './printable.js'

/** What went wrong, for programs. The text of the error is for people. */
export type ErrorCode =
  | 'BAD_INPUT' // the bytes are not what they claim to be
  | 'UNKNOWN_FORMAT' // no reader knows these bytes
  | 'NEWER_VERSION' // written by a profview that is newer than this one
  | 'TOO_LARGE' // over a stated limit
  | 'MIXED_UNITS' // profiles that cannot be added up
  | 'BAD_OPTION' // an option, flag or environment variable
  | 'IO' // the file system said no
  | 'NO_PROFILER' // the native sampler is missing or taken

/**
 * The one error class of profview: a code, a one-line fact and, where it helps, the place. Its text
 * is printable, whatever names it quotes: a terminal obeys what nobody catches, too.
 * `path` is a file, an option or a place inside the data (`nodes[3].children`).
 */
export class ProfviewError extends Error {
  readonly code: ErrorCode
  readonly path: string

  constructor(code: ErrorCode, message: string, details: { path?: string; cause?: unknown } = {}) {
    super(printable(message, LONGEST), 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'ProfviewError'
    this.code = code
    this.path = details.path ?? ''
  }
}

/** Why the system refused, as it calls it; empty for whatever does not say. */
export function codeOf(thrown: unknown): string {
  const code = (thrown as { readonly code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

// --- internal ---

/** Of an error's text. */
const LONGEST = 4096
