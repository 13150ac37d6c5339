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

/**
 * The same for a line that we have put together and coloured: whatever it holds, it is one line,
 * and does no more to the terminal than to colour it.
 */
export function printableLine(line: string): string {
  return UNSAFE.test(line) ? line.replace(UNSAFE_BUT_STYLE, escapeOf) : line
}

/** The same for a piece of JSON: it reads as before. */
export function printableJson(json: string): string {
  return UNSAFE.test(json) ? json.replace(UNSAFE_BUT_BREAKS, jsonEscapeOf) : json
}

/** The same for whatever has been thrown: its message, or what it looks like. */
export function printableReason(thrown: unknown): string {
  try {
    const { message } = (thrown ?? {}) as { message?: unknown }
    if (typeof message === 'string' && message !== '') return printable(message)
    if (typeof thrown === 'object' && thrown !== null) {
      const json = thrown instanceof Error ? thrown.name : JSON.stringify(thrown)
      return printable(json ?? 'an object')
    }
    return printable(String(thrown))
  } catch {
    return 'an object that cannot be read'
  }
}

// --- internal ---

/** With the `u` flag a surrogate matches only where it has lost its other half. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e0fff}]/u
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu')
/** Our own colours and weights are let through; see `render/style.ts`. */
const UNSAFE_BUT_STYLE = new RegExp(`(?!\\x1b\\[\\d{1,2}m)${UNSAFE.source}`, 'gu')
const UNSAFE_BUT_BREAKS = new RegExp(`(?!\\n)${UNSAFE.source}`, 'gu')

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

/** Two of them, where it takes two UTF-16 units. */
function jsonEscapeOf(character: string): string {
  let escapes = ''
  for (let i = 0; i < character.length; i++) {
    escapes += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
  }
  return escapes
}
