import type { View } from '../../../src/transform/view.js'
import type { Settings } from '../place.js'

/** Shares under which calls may be left out, as they stand in the address. */
export const THRESHOLDS = [
  ['', 'all calls'],
  ['0.001', '0.1 % and more'],
  ['0.01', '1 % and more'],
  ['0.05', '5 % and more'],
] as const

/** How the tree is shown, from the address. */
export function readView(settings: Settings): View {
  const { fold, invert, min = '', hide = '', show = '' } = settings
  return {
    foldLibraries: fold !== 'off',
    invert: invert === 'on',
    threshold: THRESHOLDS.some(([share]) => share === min) ? Number(min) : 0,
    hide: globsOf(hide),
    show: globsOf(show),
    unfolded: readGroups(settings),
  }
}

/** Groups that are open in place, as stacks of the base. */
export function readGroups({ groups = '' }: Settings): number[] {
  return groups.split('.').filter(Boolean).map(Number)
}

export function writeGroups(groups: readonly number[]): string {
  return groups.join('.')
}

// --- internal ---

/** Paths may have spaces, so a comma parts them. */
function globsOf(text: string): string[] {
  return text
    .split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '')
}
