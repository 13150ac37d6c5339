import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { ProfviewError } from '../errors.js'
import { createViewerRouter } from './router.js'
import { openInputs } from './source.js'

export interface ViewerOptions {
  /** The directory of dumps [PROFVIEW_DIR]. Default `./profiles`. It need not be there yet. */
  readonly dir?: string
}

/** An Express router, as far as mounting it is concerned. */
export type ViewerRouter = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * The viewer over a directory of dumps, to mount in an Express app behind the app's own
 * authorisation: who gets through sees every dump. Read-only. Throws `BAD_OPTION` naming the
 * option.
 *
 *     app.use('/ops/profiles', requireAdmin, viewer())
 */
export function viewer(options: ViewerOptions = {}): ViewerRouter {
  const dir = resolve(dirOf(options))
  const source = openInputs([dir])
  const router = createViewerRouter(
    {
      ...source,
      // Before the first dump.
      scan: () => (existsSync(dir) ? source.scan() : { entries: [], refusals: [] }),
    },
    // Neither the memory that maps need nor the app's own texts: both are for `profview open`.
    { sourceMaps: false, texts: false },
  )
  return router as unknown as ViewerRouter
}

// --- internal ---

function dirOf(options: ViewerOptions): string {
  const unknown = Object.keys(options).find((name) => name !== 'dir')
  if (unknown !== undefined) {
    const reason = `option ${unknown}: there is no such option`
    throw new ProfviewError('BAD_OPTION', reason, { path: unknown })
  }
  const { dir = process.env.PROFVIEW_DIR || './profiles' } = options
  if (typeof dir === 'string' && dir !== '') return dir
  const reason = `option dir: ${inspect(dir)} is not a valid value: it must be a path`
  throw new ProfviewError('BAD_OPTION', reason, { path: 'dir' })
}
