/**
 * Into a process and out again: its inspector is open for as long as `work` takes, which is a
 * second, since anybody on the machine could use it meanwhile. `tell`: what has to be waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../../errors.js'
import { isThere } from '../../store/process-identity.js'
import { Inspector, versionAt } from './inspector.js'
import { kernelView, portsOf, refused, rests, type Target } from './target.js'

export async function withInspector<Result>(
  target: Target,
  tell: (fact: string) => void,
  work: (inspector: Inspector, isOpen: boolean) => Promise<Result>,
): Promise<Result> {
  const port = await open(target, tell)
  const inspector = await Inspector.connect(port)
  // Whoever has opened it may be using it.
  const leave = async () => {
    if (!target.isOpen) await close(inspector, target, port)
    inspector.close()
  }
  try {
    await requireVersion(target, port)
    const result = await work(inspector, target.isOpen)
    await leave()
    return result
  } catch (error) {
    await leave().catch(() => {})
    throw error
  }
}

/** False: its loop does not turn. */
export async function answers(inspector: Inspector): Promise<boolean> {
  const expression = `new Promise((done) => ${TIMERS}.setImmediate(done, 1))`
  const call = { expression, awaitPromise: true, returnByValue: true }
  return (await inspector.call('Runtime.evaluate', call, HANG_MS)) !== null
}

/** What the expression is there; throws what it throws. */
export async function evaluate(inspector: Inspector, expression: string): Promise<unknown> {
  const call = { expression, returnByValue: true }
  const answer = await inspector.call('Runtime.evaluate', call, LOADING_MS)
  if (answer === null) throw new Error('it does not answer')
  const { result, exceptionDetails } = answer as unknown as Evaluated
  if (exceptionDetails === undefined) return result.value
  const { text, exception } = exceptionDetails
  throw new Error((exception?.description ?? text).split('\n')[0])
}

// --- internal ---

/** Who does not come to turn its loop within this time hangs, ms. */
const HANG_MS = 1000
const LOADING_MS = 20_000
const OPENING_MS = 5000
const NATIVE_MS = 60_000
const CLOSING_MS = 2000
const LOOK_EACH_MS = 20

interface Evaluated {
  readonly result: { readonly value?: unknown }
  readonly exceptionDetails?: {
    readonly text: string
    readonly exception?: { readonly description?: string }
  }
}

const BUILTIN = '(process.getBuiltinModule ?? process.mainModule.require)'
const TIMERS = `${BUILTIN}('timers')`
const CLOSE = `${BUILTIN}('inspector').close()`

/** The signal is seen a second time when the loop turns again: then it would open once more. */
const CLOSE_IN_HANG = `${CLOSE}; void ((later) => later(() => later(() => ${CLOSE})))(${TIMERS}.setImmediate)`

async function open(target: Target, tell: (fact: string) => void): Promise<number> {
  const { pid, port, isOpen } = target
  if (isOpen) return port
  const before = portsOf(pid)
  signal(pid)
  const opened = await newPort(pid, before, OPENING_MS)
  if (opened !== null) return opened
  if (rests(pid)) throw refused(pid, HANDLED)
  // It would open when nobody is there any more to close it.
  tell(`${pid} is in native code (${kernelView(pid)}): waiting for it to come back`)
  const late = await newPort(pid, before, NATIVE_MS)
  if (late !== null) return late
  throw refused(pid, 'its inspector has not opened; if it does later on, it stays open')
}

async function newPort(
  pid: number,
  before: ReadonlySet<number>,
  ms: number,
): Promise<number | null> {
  for (const until = performance.now() + ms; performance.now() < until; ) {
    await sleep(LOOK_EACH_MS)
    for (const each of portsOf(pid))
      if (!before.has(each) && (await versionAt(each)) !== null) return each
    if (!isThere(pid)) throw refused(pid, 'it has ended meanwhile')
  }
  return null
}

const HANDLED =
  'SIGUSR1 opens no inspector there: the app handles it itself, or a debugger has it open; ' +
  'start it with --import profview/register'

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGUSR1')
  } catch (error) {
    const isGone = codeOf(error) === 'ESRCH'
    throw refused(pid, isGone ? 'it has ended' : 'it may not be signalled: attach with sudo')
  }
}

async function requireVersion({ pid }: Target, port: number): Promise<void> {
  const version = (await versionAt(port)) ?? ''
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return
  throw refused(
    pid,
    `it is Node ${version}; profview needs ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer`,
  )
}

const OLDEST_MAJOR = 20
const OLDEST_MINOR = 19

/** By a timer of its own where its loop turns: whoever calls it waits for who is connected. */
async function close(inspector: Inspector, { pid }: Target, port: number): Promise<void> {
  const turns = await answers(inspector).catch(() => false)
  const expression = turns ? `void ${TIMERS}.setTimeout(() => ${CLOSE}, 1)` : CLOSE_IN_HANG
  await inspector.call('Runtime.evaluate', { expression }, HANG_MS).catch(() => null)
  inspector.close()
  const until = performance.now() + CLOSING_MS
  while (portsOf(pid).has(port) && performance.now() < until) await sleep(LOOK_EACH_MS)
  if (!portsOf(pid).has(port)) return
  throw refused(pid, `its inspector is still open at port ${port}: it closes when it has ended`)
}
