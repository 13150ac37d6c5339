/** Where a process hangs: it is stopped for a moment, and goes on. */
import { fileURLToPath } from 'node:url'
import { printable } from '../../printable.js'
import type { Inspector } from './inspector.js'

/** One line for each function, the innermost first; null where it cannot be stopped. */
export async function hungStack(inspector: Inspector): Promise<string[] | null> {
  const urls = new Map<string, string>()
  inspector.on<Script>('Debugger.scriptParsed', ({ scriptId, url }) => urls.set(scriptId, url))
  const paused = inspector.event<Paused>('Debugger.paused', STOPPING_MS)
  await inspector.call('Debugger.enable')
  await inspector.call('Debugger.pause')
  const stopped = await paused
  if (stopped !== null) await inspector.call('Debugger.resume')
  // In native code it would stop as soon as that returns.
  await inspector.call('Debugger.disable', {}, STOPPED_MS)
  return stopped?.callFrames.map((frame) => lineOf(frame, urls)) ?? null
}

// --- internal ---

const STOPPING_MS = 5000
const STOPPED_MS = 1000

interface Paused {
  readonly callFrames: readonly CallFrame[]
}

interface CallFrame {
  readonly functionName: string
  /** Its line is counted from 0 on. */
  readonly location: { readonly scriptId: string; readonly lineNumber: number }
}

interface Script {
  readonly scriptId: string
  readonly url: string
}

function lineOf({ functionName, location }: CallFrame, urls: Map<string, string>): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return printable(
    `${name}  ${pathOf(urls.get(location.scriptId) ?? '')}:${location.lineNumber + 1}`,
  )
}

function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url
  } catch {
    return url
  }
}
