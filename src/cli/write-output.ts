import { ProfviewError } from '../errors.js'
import { formatOfFileName } from '../formats/registry.js'
import { printable } from '../profile/printable.js'
import type { Profile } from '../profile/profile.js'
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
  if (report) replaceFile(file, new TextEncoder().encode(report(profile)))
  else writeProfileFile(file, profile)
}

// --- internal ---

const KNOWN = '.cpuprofile .pb.gz .speedscope.json .collapsed.txt .firefox.json .md .json'

function reportOf(file: string): ((profile: Profile) => string) | null {
  const name = file.toLowerCase()
  if (name.endsWith('.md')) return (profile) => renderMarkdown(profile)
  const isOtherJson = /\.(speedscope|firefox)\.json$/.test(name)
  return name.endsWith('.json') && !isOtherJson ? renderJson : null
}
