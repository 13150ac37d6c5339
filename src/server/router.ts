import { createHash } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import express, { type Router } from 'express'
import { ProfviewError } from '../errors.js'
import { pageDirectory } from '../render/built-page.js'
import { sourceRootOf } from '../sourcemap/source-root.js'
import type { SourceAnswer } from '../viewer-api/wire.js'
import { type Assets, readAssets, speedscopeDirectory } from './assets.js'
import { readFunctionText } from './function-text.js'
import { COMMON_HEADERS, DATA_POLICY, PAGE_POLICY, SPEEDSCOPE_POLICY } from './headers.js'
import { SelectionReader } from './selection.js'
import { reasonOf, type ViewerSource } from './source.js'

export interface RouterOptions {
  /** A built page other than the package's own. */
  readonly page?: string
  /** Default true. */
  readonly sourceMaps?: boolean
  /** Show the texts of functions; default true. */
  readonly texts?: boolean
  /** Of the project whose source texts may be shown; default: the current directory. */
  readonly cwd?: string
  /** Directories of other projects whose source maps may be read. */
  readonly roots?: readonly string[]
}

/**
 * The viewer as an express router, for a server of its own or for an app that guards it. Every link
 * of the page is relative, so it works wherever it is mounted. Read-only.
 *
 *     GET /                             the page
 *     GET /assets/…  /speedscope/…      its files, and speedscope's
 *     GET /api/index.json               every profile there is now; ?known=<ETag> 204 if unchanged
 *     GET /api/selection.cpuprofile     ?ids=… | route=… | worker=… | all
 *     GET /api/source.json              the same and file=… line=…: the text around a function
 *
 * Functions are shown as they were written, where source maps tell; with `maps=off`, and without
 * the option, as they were compiled.
 */
export function createViewerRouter(source: ViewerSource, options: RouterOptions = {}): Router {
  const page = readAssets(options.page ?? pageDirectory())
  const speedscope = readAssets(speedscopeDirectory())
  const root = sourceRootOf(options.cwd ?? process.cwd())
  const roots = [root, ...(options.roots ?? []).map(sourceRootOf)]
  const selections = new SelectionReader(source, options.sourceMaps ?? true, roots)
  const router = express.Router({ caseSensitive: true, strict: true })

  router.use((request, response, next) => {
    response.set({ ...COMMON_HEADERS, 'Content-Security-Policy': DATA_POLICY })
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    response.set('Allow', 'GET, HEAD')
    sendText(response, 405, 'Method Not Allowed')
  })
  router.get('/', (request, response) => {
    // Relative links need the slash, which express does not insist on.
    const path = pathOf(request)
    // The browser's address may have more in front of it than ours: a proxy may have taken it off.
    if (!path.endsWith('/')) return response.redirect(`./${path.slice(path.lastIndexOf('/') + 1)}/`)
    sendAsset(response, page, 'index.html', PAGE_POLICY)
  })
  router.get('/assets/:name', (request, response) => {
    sendAsset(response, page, `assets/${request.params.name}`, PAGE_POLICY)
  })
  router.get('/speedscope/', (_request, response) => {
    sendAsset(response, speedscope, 'index.html', SPEEDSCOPE_POLICY)
  })
  router.get('/speedscope/:name', (request, response) => {
    sendAsset(response, speedscope, request.params.name, SPEEDSCOPE_POLICY)
  })
  router.get('/api/index.json', (request, response) => {
    const body = JSON.stringify(source.scan())
    const revision = createHash('sha256').update(body).digest('base64url')
    response.set('ETag', `"${revision}"`)
    // Browsers hide a 304 from the page, so it names what it has.
    if (queryOf(request).get('known') === revision) return void response.status(204).end()
    response.type('json').send(body)
  })
  router.get('/api/selection.cpuprofile', (request, response) => {
    response.type('json').send(selections.bytes(queryOf(request)))
  })
  router.get('/api/source.json', (request, response) => {
    const isOff = options.texts === false
    response.json(isOff ? NO_TEXTS : readFunctionText(selections, queryOf(request), root))
  })
  router.use((_request, response) => sendText(response, 404, 'Not Found'))
  router.use(sendError)
  return router
}

// --- internal ---

const NO_TEXTS: SourceAnswer = { reason: 'this viewer shows no source texts' }

function sendAsset(response: Response, assets: Assets, name: string, policy: string): void {
  const asset = assets.get(name)
  if (asset) {
    response.set({ 'Content-Security-Policy': policy, 'Content-Type': asset.type })
    response.send(asset.bytes)
  } else {
    sendText(response, 404, 'Not Found')
  }
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`)
}

/** Our own errors are for the reader of the page; others say nothing about the machine. */
function sendError(error: unknown, _request: Request, response: Response, next: NextFunction) {
  if (response.headersSent) return next(error)
  if (error instanceof ProfviewError) return sendText(response, 422, reasonOf(error))
  const status = (error as { status?: unknown } | null)?.status
  if (status === 400) return sendText(response, 400, 'Bad Request')
  sendText(response, 500, 'Internal Server Error')
}

function pathOf(request: Request): string {
  return request.originalUrl.split('?', 1)[0]!
}

function queryOf(request: Request): URLSearchParams {
  const start = request.originalUrl.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : request.originalUrl.slice(start))
}
