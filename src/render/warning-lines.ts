import { printable } from '../printable.js'
import type { DumpMeta, Profile } from '../profile/profile.js'
import { inRequests } from './names.js'

/**
 * What is to be said of a profile's truth, a line each. What several recordings say in the same
 * words with other numbers is one line: `in 14 of 49 requests, such as: quick awaits not looked at:
 * 3; …`.
 */
export function warningLines({ warnings, sources }: Profile): string[] {
  const ofInputs = alikeIn(warnings.map((text) => ({ text, source: null })))
  const ofSources = alikeIn(
    sources.flatMap((source) =>
      source.warnings
        .filter(({ text }) => !warnings.includes(text))
        .map(({ text }) => ({ text, source })),
    ),
  )
  const inInputs = () => 'in several inputs'
  const inSources = (told: readonly Told[]) => {
    return inRequests(new Set(told.map(({ source }) => source)).size, sources).slice(2)
  }
  return [...ofInputs.map(lineWith(inInputs)), ...ofSources.map(lineWith(inSources))]
}

// --- internal ---

interface Told {
  readonly text: string
  readonly source: DumpMeta | null
}

/** Those of the same words together. */
function alikeIn(all: readonly Told[]): Told[][] {
  const alike = new Map<string, Told[]>()
  for (const told of all) {
    const words = told.text.replace(NUMBERS, '#')
    const known = alike.get(words)
    if (known) known.push(told)
    else alike.set(words, [told])
  }
  return [...alike.values()]
}

function lineWith(where: (told: readonly Told[]) => string): (told: readonly Told[]) => string {
  return (told) => {
    const { text } = told[0]!
    const isOne = told.every((each) => each.text === text)
    return printable(isOne ? text : `${where(told)}, such as: ${text}`)
  }
}

/** With their units: `3`, `1.20 s`, `12 min 5 s`. */
const NUMBERS = /\d[\d.,]*( (ms|s|min|h|%|B|kB|MB|GB)(?![a-z]))?( \d[\d.,]* (min|s))?/g
