import type { Frame } from '../profile/profile.js'

/**
 * Does a frame's file or name match one of the patterns? `*` stands for any text, slashes included,
 * `?` for one character; anything else for itself. The whole file path (with `/`) or the whole name
 * has to match.
 *
 *     matcherOf(['*\/express/*', 'render*'])
 */
export function matcherOf(patterns: readonly string[]): (frame: Frame) => boolean {
  return (frame) => {
    const file = frame.file.replaceAll('\\', '/')
    return patterns.some((pattern) => matches(pattern, file) || matches(pattern, frame.name))
  }
}

// --- internal ---

/**
 * Goes back to the latest `*` alone: at worst pattern times text, where a regular expression may
 * explode.
 */
function matches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let starText = 0
  let i = 0
  while (i < text.length) {
    if (pattern[at] === '*') {
      star = at++
      starText = i
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++
      i++
    } else if (star !== -1) {
      at = star + 1
      i = ++starText
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
