/**
 * Who may be profiled: decided before any other work. A refused trigger is served as if it had not
 * been there.
 */
import { inTime, LATE } from '../in-time.js'
import { looksBack, type Settings } from '../options.js'
import type { IncomingRequest } from '../request.js'
import { type Refusal, tellOfLocalRule, tellRefusal } from './refusals.js'
import { strangerIn } from './same-machine.js'
import { opensByToken } from './signed-trigger.js'
import type { Trigger } from './trigger.js'

/**
 * False only if no trigger of any request could ever be honoured, so that nothing needs to be
 * armed.
 */
export function couldOpen(settings: Settings): boolean {
  if (settings.mode === 'off') return false
  if (settings.mode !== 'trigger' || looksBack(settings)) return true
  if (settings.authorize !== null) return true
  return settings.secret === null ? !settings.production : settings.secret.length > 0
}

/**
 * May this trigger be honoured? A promise if `authorize` gives one, and for a token that has to be
 * claimed; it always settles. Never throws.
 */
export function mayProfile(
  request: IncomingRequest,
  trigger: Trigger,
  settings: Settings,
): boolean | Promise<boolean> {
  if (trigger === 'environment') return true
  if (settings.authorize !== null) return askApp(request, settings.authorize as Authorize, settings)
  const closed = closedBy(settings)
  if (closed === null && settings.secret !== null) {
    return opensByToken(request, settings, settings.secret)
  }
  const refusal = closed ?? strangerIn(request)
  if (refusal === null) tellOfLocalRule(settings)
  else tellRefusal(refusal, settings)
  return refusal === null
}

/** What refuses every trigger that the app itself does not allow; null: it depends. */
export function closedBy(settings: Settings): Refusal | null {
  if (settings.mode === 'off') return 'off'
  if (settings.secret !== null) return settings.secret.length > 0 ? null : 'short-secret'
  return settings.production ? 'production' : null
}

// --- internal ---

type Authorize = (request: IncomingRequest) => boolean | Promise<boolean>

function askApp(
  request: IncomingRequest,
  authorize: Authorize,
  settings: Settings,
): boolean | Promise<boolean> {
  const judge = (answer: unknown) => {
    if (answer !== true) tellRefusal(answer === LATE ? 'no-answer' : 'authorize', settings)
    return answer === true
  }
  try {
    const answer: unknown = authorize(request)
    return isObject(answer) ? inTime(answer).then(judge, judge) : judge(answer)
  } catch {
    return judge(false)
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
