/**
 * What a request asks for: found by comparing texts, before anything is allocated, parsed or
 * loaded. Whatever is not exactly a trigger is none.
 */
import type { Settings } from '../options.js'
import type { IncomingRequest } from '../request.js'
import { tellRefusal } from './refusals.js'

/** How a request asked to be profiled: `query` makes its response uncacheable. */
export type Trigger = 'header' | 'query' | 'environment'

/**
 * The request's trigger, or null. Well under a microsecond, and nothing is allocated, without one.
 */
export function findTrigger(request: IncomingRequest, settings: Settings): Trigger | null {
  if (!mayAsk(request, settings)) return environmentTrigger(settings)
  // Whatever the environment says: only the request itself can ask for another body, and only the
  // gate can allow it.
  const body = askedFor(request, settings, BODY)
  const isSigned = settings.secret !== null && settings.authorize === null
  const asked = isSigned ? ANY : PLAIN
  const trigger = body ?? environmentTrigger(settings) ?? askedFor(request, settings, asked)
  if (trigger === null && asksAtAll(request, settings)) tellRefusal('value', settings)
  // The token may be in the query where the header says what for.
  const isInBoth = isSigned && trigger === 'header' && isInQuery(request, settings.query)
  return isInBoth ? 'query' : trigger
}

/** Whether the environment asks for the next request. */
export function environmentTrigger({ mode }: Settings): Trigger | null {
  const asks = mode === 'all' || (typeof mode === 'number' && Math.random() < mode)
  return asks ? 'environment' : null
}

/** What is to come in place of the response's body: the dump as a page, or the dump itself. */
export type BodyAsked = 'html' | 'dump'

/** Null for a trigger that leaves the body alone. Of two the header's counts. */
export function bodyAskedBy(request: IncomingRequest, settings: Settings): BodyAsked | null {
  const values = [request.headers?.[settings.header], inQuery(request, settings.query)]
  return (values.find((value) => BODY.has(value)) as BodyAsked | undefined) ?? null
}

/** What may be tokens: whatever is none of the values that anybody can send. */
export function tokensIn(request: IncomingRequest, settings: Settings): string[] {
  const values = [request.headers?.[settings.header], inQuery(request, settings.query)]
  return values.filter(
    (value) => typeof value === 'string' && !PLAIN.has(value) && !BODY.has(value),
  ) as string[]
}

/** It asks for something, though perhaps for nothing that there is. */
export function asksAtAll(request: IncomingRequest, settings: Settings): boolean {
  if (!mayAsk(request, settings)) return false
  return request.headers?.[settings.header] !== undefined || isInQuery(request, settings.query)
}

/** By its client. */
export function isAsked(trigger: Trigger): boolean {
  return trigger !== 'environment'
}

// --- internal ---

/** The values of a trigger. */
const PLAIN: ReadonlySet<unknown> = new Set(['1', 'true', ''])
const BODY: ReadonlySet<unknown> = new Set<BodyAsked>(['html', 'dump'])
/** With a secret the gate looks at what it is. */
const ANY: Pick<ReadonlySet<unknown>, 'has'> = { has: (value) => typeof value === 'string' }

/** What most requests do not: each of two looks for more would take as long as this. */
function mayAsk(request: IncomingRequest, { header, query }: Settings): boolean {
  // Frameworks are tested with requests that have neither.
  if (request.headers?.[header] !== undefined) return true
  const url = addressOf(request)
  return typeof url === 'string' && url.includes(query)
}

function askedFor(
  request: IncomingRequest,
  settings: Settings,
  values: Pick<ReadonlySet<unknown>, 'has'>,
): Trigger | null {
  if (values.has(request.headers?.[settings.header])) return 'header'
  return values.has(inQuery(request, settings.query)) ? 'query' : null
}

/**
 * The value of exactly one `name=value`, or '' of one bare `name`; undefined where there is none,
 * and where a query parser would add to it (`name[]=2`, `%6eame=2`).
 */
function inQuery(request: IncomingRequest, name: string): string | undefined {
  let value: string | undefined
  for (const pair of pairsOf(addressOf(request), name)) {
    const literal = pair.split('=', 1)[0]!
    if (!isAbout(literal, name)) continue
    if (value !== undefined || literal !== name) return undefined
    value = pair.slice(name.length + 1)
  }
  return value
}

function isInQuery(request: IncomingRequest, name: string): boolean {
  return pairsOf(addressOf(request), name).some((pair) => isAbout(pair.split('=', 1)[0]!, name))
}

/** As it came in, where a router shortens `url`. */
function addressOf(request: IncomingRequest): string | undefined {
  return request.originalUrl ?? request.url
}

/** Of a query in which the name stands as it is. */
function pairsOf(url: string | undefined, name: string): string[] {
  if (typeof url !== 'string') return []
  const start = url.indexOf('?')
  if (start === -1 || !url.includes(name, start)) return []
  return url
    .slice(start + 1)
    .split('#', 1)[0]!
    .split('&')
}

function isAbout(literal: string, name: string): boolean {
  const parameter = literal.includes('%') ? decoded(literal) : literal
  return parameter === name || parameter.startsWith(`${name}[`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
