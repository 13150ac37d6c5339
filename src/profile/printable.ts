/**
 * Any text as one harmless line for a terminal: control, bidi and invisible characters and lone
 * surrogates become escapes, and what is longer than `limit` UTF-16 units is cut. Names in a
 * profile come from the profiled program, and a terminal obeys what it prints.
 *
 *     printable('a\x1b[31m\u202eb') === 'a\\x1b[31m\\u202eb'
 */
export function printable(text: string, limit = 1024): string {
  const short = text.length > limit ? `${text.slice(0, limit - 3)}...` : text
  return UNSAFE.test(short) ? short.replace(UNSAFE_ALL, escapeOf) : short
}

// --- internal ---

/** With the `u` flag a surrogate matches only where it has lost its other half. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e0fff}]/u
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu')

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function escapeOf(character: string): string {
  const short = SHORT_ESCAPES.get(character)
  if (short) return short
  const code = character.codePointAt(0)!
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}
