/** Makes a thread of the process run something in the middle of what it does. */
import type { Debugger, Session } from 'node:inspector'
import { type Inspected, mainThread, workerOf } from './inspected.js'

/**
 * What the expression returned, or `failed`; `late`: the thread did not come to it, which native
 * code does not; `refused`: there is no way to it here.
 */
export type Asked = string | 'failed' | 'late' | 'refused'

/**
 * Evaluates the expression, a string, in a thread (0: the main one), as soon as that is in code of
 * V8's. When this returns `late` it may still come to that: then the thread goes on at once after.
 */
export async function askThread(
  threadId: number,
  expression: string,
  patienceMs: number,
): Promise<Asked> {
  try {
    const { Session } = await import('node:inspector')
    const session = new Session()
    session.connectToMainThread()
    if (threadId === 0) return await ask(mainThread(session), expression, patienceMs)
    return await askWorker(session, threadId, expression, patienceMs)
  } catch {
    return 'refused'
  }
}

// --- internal ---

/** The main thread knows the way, if it does not hang itself. */
async function askWorker(
  session: Session,
  threadId: number,
  expression: string,
  patienceMs: number,
): Promise<Asked> {
  const worker = await workerOf(session, threadId, patienceMs)
  return typeof worker === 'string' ? worker : ask(worker, expression, patienceMs)
}

function ask(thread: Inspected, expression: string, patienceMs: number): Promise<Asked> {
  return new Promise((resolve) => {
    let isThere = false
    let isAsked = false
    const timer = setTimeout(() => {
      if (!isThere) thread.giveUp()
      resolve('late')
    }, patienceMs)
    thread.onPaused((callFrames) => {
      // A `debugger` statement of the app's, since this is on.
      if (isAsked) return thread.post('Debugger.resume')
      isAsked = true
      evaluate(thread, expression, callFrames, (answer) => {
        thread.post('Debugger.resume')
        thread.post('Debugger.disable', {}, () => thread.close())
        clearTimeout(timer)
        resolve(answer)
      })
    })
    // A thread that does not answer this is in native code.
    thread.post('Debugger.enable', {}, () => {
      isThere = true
      thread.post('Debugger.pause')
    })
  })
}

/** In the outermost frame, which is Node's own; else in the thread's main context. */
function evaluate(
  thread: Inspected,
  expression: string,
  frames: readonly Debugger.CallFrame[],
  done: (answer: Asked) => void,
): void {
  const options = { expression, silent: true, returnByValue: true }
  const inContext = () => thread.post('Runtime.evaluate', options, (text) => done(text ?? 'failed'))
  const outermost = frames.at(-1)
  if (outermost === undefined) return inContext()
  const { callFrameId } = outermost
  thread.post('Debugger.evaluateOnCallFrame', { ...options, callFrameId }, (text) => {
    if (text === null) inContext()
    else done(text)
  })
}
