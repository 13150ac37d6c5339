/** What every Markdown report is put together from. */
import type { Profile } from '../profile/profile.js'
import { styleFor } from './style.js'

/** The screen of a code block. */
export const PLAIN = styleFor({ color: false, unicode: true })

/** Lines about a profile as they are, whatever its names. */
export function* codeBlock(profile: Profile, lines: Iterable<string>): Generator<string> {
  // Longer than any run of backticks in a name.
  const fence = '`'.repeat(Math.max(3, longestRun(profile) + 1))
  yield `${fence}text`
  yield* lines
  yield fence
}

/** As code, whatever backticks are in it. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`'
  const gap = fence === '``' ? ' ' : ''
  return `${fence}${gap}${text.replaceAll('``', "''")}${gap}${fence}`
}

/** Markdown and HTML in a text are shown, not obeyed. */
export function inline(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&')
}

// --- internal ---

function longestRun({ frames }: Profile): number {
  let longest = 0
  for (const { name, file } of frames) {
    for (const [run] of `${name} ${file}`.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  }
  return longest
}
