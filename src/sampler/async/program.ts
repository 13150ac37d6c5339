import { BACKGROUND } from '../window.js'
import { Captures } from './captures.js'
import { PendingOperations } from './pending.js'
import { type RequestContext, Wait } from './waits.js'

/**
 * What a thread does for nobody that is known, where it is followed as a whole. One for good:
 * recordings of it come one after another, and what began in one goes on in the next.
 */
export class Program implements RequestContext {
  readonly id = BACKGROUND
  follows = false
  readonly notesWaits = false
  readonly startedAt = 0
  readonly captures = Captures.ofProgram()
  readonly pending = new PendingOperations()
  readonly root: Wait = new Wait(this, null)
  ranMs = 0
  ranAt = 0
  blockedMs = 0
  answer: Wait | null = null
  holder: RequestContext['holder'] = null
  answerHolder: RequestContext['answerHolder'] = null

  title(): string {
    return ''
  }
}
