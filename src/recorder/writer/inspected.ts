/**
 * A thread of the process, through its inspector. The main thread is asked directly, a worker by
 * way of the main thread:
 *
 *     writer ── Session ── main thread ── NodeWorker ── worker
 */
import type { Debugger, Session } from 'node:inspector'

export interface Inspected {
  /** `done` is given the value of what was evaluated, if that is a text. */
  post(method: string, params?: object, done?: (text: string | null) => void): void
  onPaused(paused: (callFrames: readonly Debugger.CallFrame[]) => void): void
  close(): void
  /** It does not answer. */
  giveUp(): void
}

export function mainThread(session: Session): Inspected {
  return {
    post: (method, params = {}, done = () => {}) =>
      session.post(method, params, (error, answer) => done(error === null ? textIn(answer) : null)),
    onPaused: (paused) =>
      void session.on('Debugger.paused', ({ params }) => paused(params.callFrames)),
    close: () => session.disconnect(),
    // Closing would wait for it as well; as soon as it answers it is asked, and left.
    giveUp: () => {},
  }
}

/**
 * `refused`: the main thread does not know it, hangs as well, or may be looked at by a debugger,
 * which is attached to its workers, too. Then the session has been closed.
 */
export function workerOf(
  session: Session,
  threadId: number,
  patienceMs: number,
): Promise<Inspected | 'refused' | 'debugged'> {
  return new Promise((resolve) => {
    let found: Inspected | null = null
    const settle = (worker: Inspected | 'refused' | 'debugged') => {
      clearTimeout(timer)
      if (typeof worker === 'string') session.disconnect()
      resolve(worker)
    }
    const timer = setTimeout(() => settle('refused'), patienceMs)
    const main = mainThread(session)
    main.post('Runtime.evaluate', { expression: IS_DEBUGGED, returnByValue: true }, (answer) => {
      if (answer !== 'no') return settle(answer === 'yes' ? 'debugged' : 'refused')
      session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
        if (isTitleOf(workerInfo.title, threadId)) found = worker(session, sessionId)
      })
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, () =>
        settle(found ?? 'refused'),
      )
    })
  })
}

// --- internal ---

/** A worker cannot tell. */
const IS_DEBUGGED = "process.getBuiltinModule('node:inspector').url() === undefined ? 'no' : 'yes'"

/** Node's own: `[worker 3] its name`. */
function isTitleOf(title: string, threadId: number): boolean {
  return title.startsWith(`[worker ${threadId}]`)
}

function worker(session: Session, sessionId: string): Inspected {
  const pending = new Map<number, (text: string | null) => void>()
  let onPaused: (callFrames: readonly Debugger.CallFrame[]) => void = () => {}
  let last = 0
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    if (params.sessionId !== sessionId) return
    const message: FromWorker = JSON.parse(params.message)
    if (message.method === 'Debugger.paused') onPaused(message.params!.callFrames)
    if (message.id === undefined) return
    const done = pending.get(message.id)
    pending.delete(message.id)
    done?.(textIn(message.result))
  })
  return {
    post(method, params = {}, done = () => {}) {
      const id = ++last
      pending.set(id, done)
      const message = JSON.stringify({ id, method, params })
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message })
    },
    onPaused(paused) {
      onPaused = paused
    },
    close: () => session.disconnect(),
    // A process that ends would wait for us.
    giveUp: () => session.disconnect(),
  }
}

interface FromWorker {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly callFrames: readonly Debugger.CallFrame[] }
  readonly result?: unknown
}

function textIn(answer: unknown): string | null {
  const value = (answer as { result?: { value?: unknown } } | undefined)?.result?.value
  return typeof value === 'string' ? value : null
}
