import { ANONYMOUS } from '../../profile/frames.js'
import type { Frame } from '../../profile/profile.js'

/**
 * A frame as one field of a folded stack: `parse (/app/parse.js:12:3)`, or its name alone if it has
 * no place. What would end the field is escaped the way URLs do it, so that reading gives the same
 * frame.
 */
export function encodeFrame({ name, file, line, column }: Frame): string {
  const plainName = escapeText(name)
  const hasPlace = file !== '' || line !== 0 || column !== 0
  // A name that looks as if it had a place gets an empty one, so as to be read back whole.
  if (!hasPlace && splitPlace(plainName) === null) return plainName
  const plainFile = escapeText(file).replaceAll('(', '%28').replaceAll(')', '%29')
  return `${plainName} (${plainFile}:${line}:${column})`
}

export function decodeFrame(text: string): Frame {
  const place = splitPlace(text)
  if (place === null) return { name: unescapeText(text) || ANONYMOUS, file: '', line: 0, column: 0 }
  return {
    name: unescapeText(place.name) || ANONYMOUS,
    file: unescapeText(place.file),
    line: place.line,
    column: place.column,
  }
}

// --- internal ---

const ESCAPED = /[;\x00-\x1f\x7f]|%(?=[01][0-9A-F]|23|25|28|29|3B|7F)/g
const CODES = /%(?:[01][0-9A-F]|23|25|28|29|3B|7F)/g

function escapeText(text: string): string {
  return text.replace(
    ESCAPED,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

function unescapeText(text: string): string {
  return text.replace(CODES, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
}

/** `name (file:line:column)` or `name (file:line)`, as most tools for JavaScript write it. */
function splitPlace(text: string) {
  if (!text.endsWith(')')) return null
  const open = text.lastIndexOf(' (')
  if (open === -1) return null
  const place = /^([^()]*?):(\d{1,9})(?::(\d{1,9}))?$/.exec(text.slice(open + 2, -1))
  if (place === null) return null
  const [, file, line, column] = place
  return { name: text.slice(0, open), file: file!, line: Number(line), column: Number(column ?? 0) }
}
