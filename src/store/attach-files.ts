/**
 * What `profview attach` and the process that it visits say to each other once the inspector is
 * closed: small files in the folder of captures.
 *
 *     .capture/<id>.attach        as long as it is there, who was asked records itself
 *     .capture/<id>.<pid>.visit   how far that process has come
 */

/** What a process is asked for when it is visited. */
export interface AttachOrder {
  readonly id: string
  /** Where its dumps go; absolute. */
  readonly dir: string
  readonly forMs: number
  /** As the option of `profiler()`, a share as text; `process`: all of it, as one dump. */
  readonly mode: string
  readonly slowMs: number | null
  /** `GET /users/:id`: only its requests are written; null: all. */
  readonly route: string | null
  /** Compiled code stays as it is: loops that ran before are not seen. */
  readonly gently: boolean
}

export interface VisitAnswer {
  readonly pid: number
  /** `left`: nothing of it is there any more. */
  readonly state: 'begun' | 'left' | 'failed'
  /** Why it failed. */
  readonly reason: string
  /** What it had to say to whoever runs the app, one line each. */
  readonly notes: readonly string[]
  /** Requests that were recorded, and that were not because of a limit. */
  readonly recorded: number
  readonly skipped: number
}

export function orderName(id: string): string {
  return `${id}.attach`
}

export function visitName(id: string, pid: number): string {
  return `${id}.${pid}.visit`
}

/** Null for what nobody of us has written. */
export function parseVisit(text: string): VisitAnswer | null {
  try {
    const answer = JSON.parse(text) as VisitAnswer
    const isNumbers = [answer.pid, answer.recorded, answer.skipped].every(Number.isSafeInteger)
    const isState = ['begun', 'left', 'failed'].includes(answer.state)
    const isTexts = [answer.reason, ...answer.notes].every((each) => typeof each === 'string')
    return isNumbers && isState && isTexts ? answer : null
  } catch {
    return null
  }
}
