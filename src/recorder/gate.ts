/**
 * Who may be profiled. The trigger is looked at first, by string comparison only; then the gate
 * decides, before anything is allocated, parsed or loaded. Refusing is silent.
 */
import type { Settings } from './options.js'
import type { IncomingRequest } from './request.js'

/** How a request asked to be profiled: `query` makes its response uncacheable. */
export type Trigger = 'header' | 'query' | 'environment'

/**
 * The request's trigger, or null. Well under a microsecond, and nothing is allocated, without one.
 */
export function findTrigger(request: IncomingRequest, settings: Settings): Trigger | null {
  if (!mayAsk(request, settings)) return environmentTrigger(settings)
  // Whatever the environment says: only the request itself can ask for a report, and only the gate
  // can allow it.
  const report = askedFor(request, settings, REPORT)
  return report ?? environmentTrigger(settings) ?? askedFor(request, settings, DUMP)
}

/** Whether the environment asks for the next request. */
export function environmentTrigger({ mode }: Settings): Trigger | null {
  const asks = mode === 'all' || (typeof mode === 'number' && Math.random() < mode)
  return asks ? 'environment' : null
}

/** The trigger is one for the report in place of the response's body. */
export function asksForReport(request: IncomingRequest, settings: Settings): boolean {
  return askedFor(request, settings, REPORT) !== null
}

/**
 * False only if no trigger of any request could ever be honoured, so that nothing needs to be
 * armed.
 */
export function couldOpen(settings: Settings): boolean {
  if (settings.mode === 'off') return false
  if (settings.mode !== 'trigger' || settings.slowMs !== null) return true
  if (settings.authorize !== null) return true
  return settings.secret === null && !settings.production
}

/** May this trigger be honoured? A promise only if `authorize` gives one. Never throws. */
export function mayProfile(
  request: IncomingRequest,
  trigger: Trigger,
  settings: Settings,
): boolean | Promise<boolean> {
  if (trigger === 'environment') return true
  if (settings.authorize !== null) return askApp(request, settings.authorize as Authorize)
  // Signed triggers are not known yet: an app that asks for them gets none.
  if (settings.secret !== null || settings.production) return false
  return isLocal(request)
}

/** A developer at the same machine: a loopback peer, and no proxy in between. */
export function isLocal(request: IncomingRequest): boolean {
  const peer = request.socket?.remoteAddress ?? ''
  if (!/^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/.test(peer)) return false
  for (const name in request.headers) {
    if (name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-')) return false
  }
  return true
}

// --- internal ---

type Authorize = (request: IncomingRequest) => boolean | Promise<boolean>

/** The values of a trigger. */
const DUMP = '1'
const REPORT = 'html'

/** What most requests do not: each of two looks for more would take as long as this. */
function mayAsk(request: IncomingRequest, { header, query }: Settings): boolean {
  if (request.headers[header] !== undefined) return true
  return (request.originalUrl ?? request.url ?? '').includes(query)
}

function askedFor(request: IncomingRequest, settings: Settings, value: string): Trigger | null {
  if (request.headers[settings.header] === value) return 'header'
  const url = request.originalUrl ?? request.url ?? ''
  return url.includes(settings.query) && queryAsks(url, settings.query, value) ? 'query' : null
}

/**
 * Exactly one `name=value`, and nothing that a query parser would add to it (`name[]=2`,
 * `%6eame=2`).
 */
function queryAsks(url: string, name: string, value: string): boolean {
  const start = url.indexOf('?')
  const wanted = `${name}=${value}`
  if (start === -1 || !url.includes(wanted, start)) return false
  let asked = 0
  for (const pair of url
    .slice(start + 1)
    .split('#', 1)[0]!
    .split('&')) {
    if (pair === wanted) asked++
    else if (isAbout(parameterOf(pair), name)) return false
  }
  return asked === 1
}

function isAbout(parameter: string, name: string): boolean {
  return parameter === name || parameter.startsWith(`${name}[`)
}

function parameterOf(pair: string): string {
  const name = pair.split('=', 1)[0]!
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function askApp(request: IncomingRequest, authorize: Authorize): boolean | Promise<boolean> {
  try {
    const answer = authorize(request)
    if (typeof answer === 'boolean') return answer
    return Promise.resolve(answer).then(
      (late) => late === true,
      () => false,
    )
  } catch {
    return false
  }
}
