import { type Command, Option } from 'commander'
import { KINDS, type Kind } from '../profile/kinds.js'

/** Of all kinds, those that are never summed are still refused where they would be. */
export type KindChoice = Kind | 'all'

/** What is meant by default, where dumps are summed and where they are listed. */
export const REQUESTS = '; a directory means its requests'
export const EVERYTHING = ' (default: all)'

export function addKindOption(command: Command, byDefault: string): void {
  const option = new Option('--kind <kind>', `only dumps of this kind${byDefault}`)
  command.addOption(option.choices([...KINDS, 'all']))
}

/** `--kind process`, `--kind request or --kind process` */
export function kindFlags(kinds: readonly Kind[]): string {
  return kinds.map((kind) => `--kind ${kind}`).join(' or ')
}
