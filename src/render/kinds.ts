/**
 * What is said of kinds of dumps. The time of a request is in its process's dump as well, so that
 * different kinds are never summed.
 */
import { KINDS, type Kind } from '../profile/kinds.js'
import type { DumpMeta } from '../profile/profile.js'
import { counted } from './measure.js'

/** `74 requests, 3 process dumps and 1 stall dump` */
export function countedKinds(sources: readonly DumpMeta[]): string {
  const counts = KINDS.map((kind) => {
    return [kind, sources.filter((source) => source.kind === kind).length] as const
  })
  const all = counts.filter(([, count]) => count > 0)
  return listed(all.map(([kind, count]) => counted(count, NOUNS[kind])))
}

/** `process dumps` */
export function manyOf(kind: Kind): string {
  return `${NOUNS[kind]}s`
}

/** `requests and process dumps are never summed` */
export function neverSummed(kinds: readonly Kind[]): string {
  return `${listed(kinds.map(manyOf))} are never summed`
}

// --- internal ---

function listed(texts: readonly string[]): string {
  return [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter(Boolean).join(' and ')
}

const NOUNS: Readonly<Record<Kind, string>> = {
  request: 'request',
  process: 'process dump',
  function: 'function dump',
  stall: 'stall dump',
}
