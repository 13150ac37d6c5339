/** Makes the process's main thread run something in the middle of what it does. */
import type { Debugger, Session } from 'node:inspector'

/**
 * What the expression returned, or `failed`; `late`: the thread did not come to it, which native
 * code does not; `refused`: there is no way to it here.
 */
export type Asked = string | 'failed' | 'late' | 'refused'

/**
 * Evaluates the expression, a string, in the main thread, as soon as that is in code of V8's. When
 * this returns `late` it may still come to that: then the thread goes on at once after it.
 */
export async function askMainThread(expression: string, patienceMs: number): Promise<Asked> {
  try {
    const { Session } = await import('node:inspector')
    return await ask(new Session(), expression, patienceMs)
  } catch {
    return 'refused'
  }
}

// --- internal ---

function ask(session: Session, expression: string, patienceMs: number): Promise<Asked> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), patienceMs)
    let isAsked = false
    session.on('Debugger.paused', ({ params }) => {
      // A `debugger` statement of the app's, since this is on.
      if (isAsked) return session.post('Debugger.resume')
      isAsked = true
      evaluate(session, expression, params.callFrames, (answer) => {
        session.post('Debugger.resume')
        session.post('Debugger.disable', () => session.disconnect())
        clearTimeout(timer)
        resolve(answer)
      })
    })
    session.connectToMainThread()
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  })
}

/** In the outermost frame, which is Node's own; else in the thread's main context. */
function evaluate(
  session: Session,
  expression: string,
  frames: readonly Debugger.CallFrame[],
  done: (answer: Asked) => void,
): void {
  const options = { expression, silent: true, returnByValue: true }
  const inContext = () =>
    session.post('Runtime.evaluate', options, (error, answer) => {
      done(textIn(error, answer) ?? 'failed')
    })
  const outermost = frames.at(-1)
  if (outermost === undefined) return inContext()
  const { callFrameId } = outermost
  session.post('Debugger.evaluateOnCallFrame', { ...options, callFrameId }, (error, answer) => {
    const text = textIn(error, answer)
    if (text === null) inContext()
    else done(text)
  })
}

function textIn(error: Error | null, answer?: { result?: { value?: unknown } }): string | null {
  const value = error === null ? answer?.result?.value : null
  return typeof value === 'string' ? value : null
}
