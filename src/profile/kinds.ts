import type { DumpMeta } from './profile.js'

/** What was recorded. */
export type Kind = DumpMeta['kind']

/** In the order in which they are told of. */
export const KINDS: readonly Kind[] = ['request', 'process', 'function', 'stall']

/** Those of some dumps, each once. */
export function kindsOf(sources: readonly DumpMeta[]): Kind[] {
  return KINDS.filter((kind) => sources.some((source) => source.kind === kind))
}
