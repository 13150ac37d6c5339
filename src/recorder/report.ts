import type { Logger } from './logger.js'
import type { Settings } from './options.js'
import type { WriterAnswer } from './writer/messages.js'

/**
 * Tells the app, and its metrics, what became of a profile; the app's own callback cannot fail
 * anything here.
 */
export function report(settings: Settings, answer: WriterAnswer): void {
  // Of its directory somebody else has told.
  if ('error' in answer && answer.refusal === undefined) reportLoss(settings.logger, answer.error)
  if (!('file' in answer)) return
  if (answer.sentence !== undefined) {
    settings.logger.warn(`profview: ${answer.sentence}: ${answer.file}`)
  }
  try {
    const { id, file, meta } = answer
    settings.metrics?.taken(meta)
    const done: unknown = settings.onProfile?.({ id, file, meta })
    // An async callback fails by rejecting.
    if (done instanceof Promise) done.catch(() => {})
  } catch {
    // Not ours.
  }
}

// --- internal ---

const LOSS_SILENCE_MS = 60_000
const lastLoss = new WeakMap<Logger, number>()

/** What fails one may fail every dump; one line a minute says so. */
function reportLoss(logger: Logger, reason: string): void {
  const last = lastLoss.get(logger)
  if (last !== undefined && performance.now() - last < LOSS_SILENCE_MS) return
  lastLoss.set(logger, performance.now())
  logger.warn(`profview: a profile was lost: ${reason}`)
}
