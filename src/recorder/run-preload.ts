/**
 * Loaded into every process of `profview run`, before the program. Where to and how often stands in
 * this module's own URL: the program's environment stays the user's.
 */
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const { searchParams } = new URL(import.meta.url)
  const { recordRun } = await import('./run-mode.js')
  recordRun(searchParams.get('dir')!, searchParams.get('interval'))
}
