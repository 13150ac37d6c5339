/**
 * Loaded into every process and thread of `profview run`, before the program. Where to, how often
 * and what stands in this module's own URL: the program's environment stays the user's.
 */
import { recordProgram } from './run-program.js'

const { searchParams } = new URL(import.meta.url)
recordProgram(searchParams.get('dir')!, searchParams.get('interval'), searchParams.get('requests'))
