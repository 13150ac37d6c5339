import type { View } from '../../../src/transform/view.js'
import type { SettingsOf } from '../view-settings.js'

/** How the tree is shown. */
export function viewOf(settings: SettingsOf<'tree'>): View {
  const { foldLibraries, invert, threshold, hide, show, groups } = settings
  return {
    foldLibraries,
    invert,
    threshold,
    hide: globsOf(hide),
    show: globsOf(show),
    unfolded: groups,
  }
}

// --- internal ---

/** Paths may have spaces, so a comma parts them. */
function globsOf(text: string): string[] {
  return text
    .split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '')
}
