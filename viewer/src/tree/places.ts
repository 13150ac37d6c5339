import { frameKind, packageOf } from '../../../src/profile/frames.js'
import type { Frame, Profile } from '../../../src/profile/profile.js'

/** Writes where a function is, as short as the profile allows: `src/users.ts:42`. */
export type WriteLocation = (frame: Frame) => string

/** App files are shown from the folder that all of them share, library files from their package. */
export function locationWriter(profile: Profile): WriteLocation {
  const appFiles = profile.frames.filter((frame) => frameKind(frame) === 'app').map(pathOf)
  const shared = sharedFolder(appFiles)
  return (frame) => {
    if (frame.file === '') return ''
    const path = pathOf(frame)
    const line = frame.line > 0 ? `:${frame.line}` : ''
    if (packageOf(frame) !== '') return path.slice(path.lastIndexOf('/node_modules/') + 14) + line
    return (path.startsWith(shared) ? path.slice(shared.length) : path) + line
  }
}

// --- internal ---

function pathOf(frame: Frame): string {
  return frame.file.replace(/^file:\/\//, '').replaceAll('\\', '/')
}

function sharedFolder(paths: readonly string[]): string {
  let shared = paths[0]?.slice(0, paths[0].lastIndexOf('/') + 1) ?? ''
  for (const path of paths) {
    while (!path.startsWith(shared))
      shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1)
  }
  return shared
}
