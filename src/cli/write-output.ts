import { ProfviewError } from '../errors.js'
import { hasExtension } from '../formats/format.js'
import { formatOfFileName, WRITABLE } from '../formats/registry.js'
import { printable } from '../printable.js'
import type { Profile } from '../profile/profile.js'
import { renderHtml } from '../render/html.js'
import { renderJson } from '../render/json.js'
import { renderMarkdown } from '../render/markdown.js'
import { replaceFile, writeProfileFile } from '../store/profile-file.js'

/** What the help says of a flag that takes such a file. */
export function outputHelp(what: string): string {
  return `${what}; its extension says the format: ${KNOWN}`
}

/** Throws `BAD_OPTION` for a file whose extension says nothing; before the inputs are read. */
export function requireKnownOutput(file: string): void {
  if (formatOfFileName(file) !== null || reportOf(file)) return
  const fact = `the extension of ${printable(file)} names no format`
  throw new ProfviewError('BAD_OPTION', `${fact}; use ${KNOWN}`, { path: '--output' })
}

/** Writes a profile, or a report for people, as the extension says. Throws `IO`. */
export function writeOutput(file: string, profile: Profile): void {
  const report = reportOf(file)
  if (report) replaceFile(file, report(profile))
  else writeProfileFile(file, profile)
}

/** Throws `IO`. */
export function writeText(file: string, text: string): void {
  replaceFile(file, utf8(text))
}

/** The one format that keeps several profiles apart. */
export function isPage(file: string): boolean {
  return hasExtension(file, ['.html'])
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
  return Object.entries(REPORTS).find(([extension]) => hasExtension(file, [extension]))?.[1] ?? null
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
