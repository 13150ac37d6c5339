import { frameKind, frameKinds } from '../profile/frames.js'
import type { DumpMeta, Frame, Profile } from '../profile/profile.js'

/** `src/users.ts:42`, `express/lib/router.js:10`, '' for a frame without a file. */
export type Locate = (frame: Frame) => string

/**
 * Places for people: a file of a package from the package on, a file of the app from `cwd` on.
 * Where nothing is under `cwd`, as the profile comes from another machine, and for a reader who is
 * in no directory, from the directory that all files of the app share.
 */
export function locatorFor(profile: Profile, cwd = ''): Locate {
  const files = new Set<string>()
  const kinds = frameKinds(profile.frames)
  profile.frames.forEach(({ file }, i) => {
    if (kinds[i] === 'app' && file !== '') files.add(file)
  })
  for (const file of appFiles(profile.sources.flatMap(({ queued }) => queued?.by ?? [])))
    files.add(file)
  return locatorIn(files, cwd)
}

/** The same of the functions that dumps name where they are listed. */
export function locatorForDumps(dumps: readonly DumpMeta[], cwd = ''): Locate {
  return locatorIn(new Set(appFiles(dumps.flatMap(({ stall }) => stall?.by ?? []))), cwd)
}

/** The same of functions that come without a profile. */
export function locatorForFunctions(
  functions: readonly Omit<Frame, 'column'>[],
  cwd = '',
): (function_: Omit<Frame, 'column'>) => string {
  const locate = locatorIn(new Set(appFiles(functions)), cwd)
  return (function_) => locate({ ...function_, column: 0 })
}

// --- internal ---

function appFiles(named: readonly Omit<Frame, 'column'>[]): string[] {
  const isApps = ({ name, file, line }: Omit<Frame, 'column'>) =>
    file !== '' && frameKind({ name, file, line, column: 0 }) === 'app'
  return named.filter(isApps).map(({ file }) => file)
}

function locatorIn(files: ReadonlySet<string>, cwd: string): Locate {
  const here = `${cwd.replaceAll('\\', '/').replace(/\/$/, '')}/`
  const paths = new Set([...files].map(pathOf))
  const isHere = here !== '/' && [...paths].some((path) => path.startsWith(here))
  const base = isHere ? here : sharedDirectory(paths)
  const shortened = new Map<string, string>()
  return ({ file, line }) => {
    if (file === '') return ''
    const short = shortened.get(file) ?? shorten(pathOf(file), base)
    shortened.set(file, short)
    return line > 0 ? `${short}:${line}` : short
  }
}

const PACKAGES = '/node_modules/'

function shorten(path: string, base: string): string {
  const start = path.lastIndexOf(PACKAGES)
  if (start !== -1) return path.slice(start + PACKAGES.length)
  return base !== '' && path.startsWith(base) ? path.slice(base.length) : path
}

/** A file URL as a path, with `/` on every system. */
function pathOf(file: string): string {
  if (!file.startsWith('file://')) return file.replaceAll('\\', '/')
  const path = file.slice('file://'.length).replace(/^\/(?=[A-Za-z]:\/)/, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** With the slash at its end; '' where the files share nothing but the root. */
function sharedDirectory(files: ReadonlySet<string>): string {
  let shared: string | null = null
  for (const file of files) {
    const directory = file.slice(0, file.lastIndexOf('/') + 1)
    shared ??= directory
    while (!directory.startsWith(shared))
      shared = shared.slice(0, shared.slice(0, -1).lastIndexOf('/') + 1)
  }
  // `src/users.ts` says more than `users.ts`.
  const kept = shared?.replace(/(?<=\/)(src|lib|dist|build|app)\/$/, '') ?? ''
  return kept === '/' ? '' : kept
}
