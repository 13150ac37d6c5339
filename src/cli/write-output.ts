import { ProfviewError } from '../errors.js'
import { hasExtensionOrPacked } from '../formats/format.js'
import { formatOfFileName, WRITABLE } from '../formats/registry.js'
import { printable } from '../printable.js'
import type { Profile } from '../profile/profile.js'
import { renderHtml } from '../render/html.js'
import { renderJson } from '../render/json.js'
import { renderMarkdown } from '../render/markdown.js'
import { packedFor, replaceFile, writeProfileFile } from '../store/profile-file.js'

/** What the help says of a flag that takes such a file. */
export function outputHelp(what: string): string {
  return `${what}; its extension says the format: ${KNOWN}`
}

/** Throws `BAD_OPTION` for a file whose extension says nothing; before the inputs are read. */
export function requireKnownOutput(file: string): void {
  if (formatOfFileName(file) !== null || reportOf(file)) return
  const fact = `the extension of ${printable(file)} names no format`
  throw new ProfviewError('BAD_OPTION', `${fact}; use ${KNOWN}, or one of them with .gz`, {
    path: '--output',
  })
}

/** Writes a profile, or a report for people, as the extension says. Throws `IO`. */
export function writeOutput(file: string, profile: Profile): void {
  const report = reportOf(file)
  if (report) replaceFile(file, packedFor(file, report(profile)))
  else writeProfileFile(file, profile)
}

/** Throws `IO`. */
export function writeText(file: string, text: string): void {
  replaceFile(file, packedFor(file, utf8(text)))
}

/** The one format that keeps several profiles apart. */
export function isPage(file: string): boolean {
  return hasExtensionOrPacked(file, ['.html'])
}

// --- internal ---

const REPORTS: Readonly<Record<string, (profile: Profile) => Uint8Array>> = {
  '.html': (profile) => utf8(renderHtml(profile)),
  '.md': (profile) => utf8(renderMarkdown(profile)),
  '.json': renderJson,
}
/** What an extension may be. */
const KNOWN = [...WRITABLE.map(({ extensions }) => extensions[0]), ...Object.keys(REPORTS)].join(
  ' ',
)

function reportOf(file: string): ((profile: Profile) => Uint8Array) | null {
  // `.speedscope.json` is no report.
  if (formatOfFileName(file) !== null) return null
  const found = Object.entries(REPORTS).find(([name]) => hasExtensionOrPacked(file, [name]))
  return found?.[1] ?? null
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
