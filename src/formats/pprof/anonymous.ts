import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame } from '../../profile/profile.js'

/**
 * What pprof is to call a frame. Its tools add up what has one name in one file, and a file has
 * many functions without a name: these go by their place, as @datadog/pprof writes it.
 */
export function nameWithPlace({ name, line, column }: Frame): string {
  if (line === 0 || !name.startsWith(ANONYMOUS)) return name
  const place = column === 0 ? `L#${line}` : `L#${line}:C#${column}`
  return `(anonymous:${place})${name.slice(ANONYMOUS.length)}`
}

/** The reverse; 0 for what the name does not say. */
export function nameAndPlace(text: string): { name: string; line: number; column: number } {
  const match = text.startsWith('(anonymous:') ? WITH_PLACE.exec(text) : null
  if (match === null) return { name: text, line: 0, column: 0 }
  const [whole, line, column = 0] = match
  return { name: ANONYMOUS + text.slice(whole.length), line: Number(line), column: Number(column) }
}

// --- internal ---

const WITH_PLACE = /^\(anonymous:L#(\d{1,10})(?::C#(\d{1,10}))?\)/
