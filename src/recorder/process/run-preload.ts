/**
 * Loaded into every process and thread of `profview run`, before the program. Where to and how
 * often stands in this module's own URL: the program's environment stays the user's.
 */
import { recordRun } from './run-mode.js'

const { searchParams } = new URL(import.meta.url)
recordRun(searchParams.get('dir')!, searchParams.get('interval'))
