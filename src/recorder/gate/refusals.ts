/**
 * A trigger that is not honoured changes nothing for its client. Whoever runs the app is told why,
 * and of the way out: in one line, once for each reason in a process. Nothing of the request is in
 * it.
 */
import type { Settings } from '../options.js'
import type { Stranger } from './same-machine.js'

export type Refusal =
  | Stranger
  | 'off'
  | 'run'
  | 'production'
  | 'secret'
  | 'short-secret'
  | 'token-form'
  | 'token-expired'
  | 'token-lifetime'
  | 'token-signature'
  | 'token-used'
  | 'claim'
  | 'value'
  | Limit
  | 'authorize'
  | 'no-answer'

/** `behind`: the writer's thread has not put together what it has. */
export type Limit = 'concurrent' | 'perMinute' | 'behind'

/** `more`: what is to be said of this time. Never throws. */
export function tellRefusal(refusal: Refusal, { logger, metrics }: Settings, more = ''): void {
  metrics?.refused(refusal)
  if (!isNew(refusal)) return
  logger.warn(`profview: a request asked to be profiled and was not: ${REASONS[refusal]}${more}`)
}

/**
 * A request was asked for by its client (`isAsked`); or it, or a job, was chosen by options, whose
 * dumps would else look like all that there was.
 */
export function tellLimit(limit: Limit, isAsked: boolean, settings: Settings): void {
  if (isAsked) return tellRefusal(limit, settings)
  settings.metrics?.refused(limit)
  if (!isNew(`chosen ${limit}`)) return
  settings.logger.warn(
    `profview: not every request or job that was chosen is profiled: ${REASONS[limit]}`,
  )
}

/** The local rule has let somebody in. */
export function tellOfLocalRule({ logger }: Settings): void {
  if (!isNew('local')) return
  logger.warn(
    'profview: any client on this machine may profile requests: this is for development only, ' +
      'since what forwards from elsewhere may look the same. ' +
      'Elsewhere set NODE_ENV=production, `authorize` or `secret`',
  )
}

// --- internal ---

/** Shared by every copy of this package that the app may have loaded. */
const SHARED = Symbol.for('profview.told.1')
const shared = globalThis as { [SHARED]?: Set<Told> }

type Told = Refusal | 'local' | `chosen ${Limit}`

function isNew(what: Told): boolean {
  shared[SHARED] ??= new Set()
  if (shared[SHARED].has(what)) return false
  shared[SHARED].add(what)
  return true
}

const ELSE = 'give `authorize` or `secret` to profile such requests'

const REASONS: Readonly<Record<Refusal, string>> = {
  off: 'profiling is off, by PROFVIEW or `mode`',
  run: '`profview run` keeps requests one by one with --dir only',
  production:
    'with NODE_ENV=production a trigger alone opens nothing: give `authorize` or `secret`',
  secret:
    'with `secret` only a signed trigger counts: make one with `profview token`, ' +
    'or give `authorize` to decide otherwise',
  'short-secret':
    'PROFVIEW_SECRET must be one secret, or two separated by a comma, of 32 bytes or more each',
  'token-form': 'its token is not one: it may have been cut off, or sent twice',
  'token-expired': 'its token had expired, by the clock of this machine',
  'token-lifetime': 'its token is valid for too long: the clock of who made it may be ahead',
  'token-signature':
    'its token was made for another method or path (as this app gets it), or by another secret',
  'token-used': 'its token had been used: make one for each request',
  claim: 'that its token was used could not be noted in the directory of dumps',
  peer: `it did not come from this machine (a container's bridge is not this machine): ${ELSE}`,
  http: `its form of HTTP is a proxy's (neither 1.1 nor 2, or a whole address as its path): ${ELSE}`,
  proxy: `it has a header of a proxy or CDN (Forwarded, X-Real-IP, Via, ...): ${ELSE}`,
  host: `its Host is not localhost or a loopback address: ask for it by such a name, or ${ELSE}`,
  site: 'a page of another site sent it: open its address by hand, or ask with curl',
  value:
    'its value is none that triggers: send 1, true, html or dump, and once; ' +
    'if the name is one of your own, choose another with `header` or `query`',
  concurrent: 'as many as `limits.concurrent` allows were being recorded: wait, or raise it',
  perMinute:
    'the directory has as many dumps of this minute as `limits.perMinute` allows: ' +
    'wait, or raise it',
  behind:
    'the dumps of those before it are not put together yet: wait, or ask for fewer, ' +
    'and see that the disk of `dir` answers',
  authorize: '`authorize` did not answer true',
  'no-answer': '`authorize` did not answer in time',
}
