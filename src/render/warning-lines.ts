import { printable } from '../printable.js'
import type { DumpMeta, Profile } from '../profile/profile.js'
import { inRequests } from './names.js'

/**
 * What is to be said of a profile's truth, a line each. What several recordings say in the same
 * words with other numbers is one line: `in 14 of 49 requests, such as: quick awaits not looked at:
 * 3; …`.
 */
export function warningLines({ warnings, sources }: Profile): string[] {
  const alike = new Map<string, { text: string; texts: Set<string>; of: Set<DumpMeta> }>()
  for (const source of sources) {
    for (const { text } of source.warnings) {
      if (warnings.includes(text)) continue
      const words = text.replace(NUMBERS, '#')
      const known = alike.get(words) ?? { text, texts: new Set(), of: new Set() }
      alike.set(words, known)
      known.texts.add(text)
      known.of.add(source)
    }
  }
  const own = [...alike.values()].map(({ text, texts, of }) => {
    const isOne = texts.size === 1
    return isOne ? text : `${inRequests(of.size, sources).slice(2)}, such as: ${text}`
  })
  return [...warnings, ...own].map((text) => printable(text))
}

// --- internal ---

/** With their units: `3`, `1.20 s`, `12 min 5 s`. */
const NUMBERS = /\d[\d.,]*( (ms|s|min|h|%|B|kB|MB|GB)(?![a-z]))?( \d[\d.,]* (min|s))?/g
