import { ProfviewError } from '../errors.js'
import { formatOfFileName } from '../formats/registry.js'
import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
import { renderHtml } from '../render/html.js'
import { renderJson } from '../render/json.js'
import { renderMarkdown } from '../render/markdown.js'
import { replaceFile, writeProfileFile } from '../store/profile-file.js'

/** Throws `BAD_OPTION` for a file whose extension says nothing; before the inputs are read. */
export function requireKnownOutput(file: string): void {
  if (formatOfFileName(file) !== null || reportOf(file)) return
  const fact = `the extension of ${printable(file)} names no format`
  throw new ProfviewError('BAD_OPTION', `${fact}; use ${KNOWN}`, { path: '--output' })
}

/** Writes a profile, or a report for people, as the extension says. Throws `IO`. */
export function writeOutput(file: string, profile: Profile): void {
  const report = reportOf(file)
  if (report) writeText(file, report(profile))
  else writeProfileFile(file, profile)
}

/** Throws `IO`. */
export function writeText(file: string, text: string): void {
  replaceFile(file, new TextEncoder().encode(text))
}

/** The one format that keeps several profiles apart. */
export function isPage(file: string): boolean {
  return file.toLowerCase().endsWith('.html')
}

// --- internal ---

const KNOWN = '.cpuprofile .pb.gz .speedscope.json .collapsed.txt .firefox.json .html .md .json'

function reportOf(file: string): ((profile: Profile) => string) | null {
  const name = file.toLowerCase()
  if (name.endsWith('.md')) return (profile) => renderMarkdown(profile)
  if (isPage(file)) return renderHtml
  const isOtherJson = /\.(speedscope|firefox)\.json$/.test(name)
  return name.endsWith('.json') && !isOtherJson ? renderJson : null
}
