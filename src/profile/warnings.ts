import type { Warning } from './profile.js'

/** A dump's warnings and what else is to be said of its profile, each text once. */
export function withTexts(warnings: readonly Warning[], texts: readonly string[]): Warning[] {
  const known = new Set(warnings.map(({ text }) => text))
  const fresh = [...new Set(texts)].filter((text) => !known.has(text))
  return [...warnings, ...fresh.map((text) => ({ code: 'profile', text }))]
}
