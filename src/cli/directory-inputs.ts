import { printable } from '../printable.js'
import type { DumpMeta } from '../profile/profile.js'
import type { KnownDumps } from '../store/dump-list.js'
import { listProfiles } from '../store/profile-list.js'
import { holdsMeant, type RecordingFilter } from '../transform/filter.js'
import type { KindChoice } from './kind-option.js'

/** A file to be read. */
export interface Input {
  readonly file: string
  /** Null unless its name, which other files have as well, is all that took it for a profile. */
  readonly guess: Guess | null
}

export interface Guess {
  readonly dir: string
  /** There are files in the directory whose names leave no doubt. */
  readonly isBesideSure: boolean
}

export interface DirectoryInputs {
  readonly files: readonly Input[]
  /** Of its dumps, those of the kind that is meant; the filter may want fewer. */
  readonly ofKind: readonly DumpMeta[]
  readonly ofOtherKinds: readonly DumpMeta[]
  /** One line for each dump that cannot be read. */
  readonly bad: readonly string[]
  /** It may turn out to hold no profile. */
  readonly isDoubtful: boolean
}

/**
 * Which files of a directory are meant: its dumps, of one kind unless all are wanted, or else what
 * other profiles there are, the sure ones first: they say what is counted.
 */
export function inputsOfDirectory(
  dir: string,
  kind: KindChoice,
  filter: RecordingFilter,
  known?: KnownDumps,
): DirectoryInputs {
  const bad: string[] = []
  const skip = (file: string, reason: string) => bad.push(`${printable(file)}: ${reason}`)
  const { dumps, foreign } = listProfiles(dir, skip, known)
  const isOfKind = (meta: DumpMeta) => kind === 'all' || meta.kind === kind
  const metas = dumps.map(({ meta }) => meta)
  const found = {
    ofKind: metas.filter(isOfKind),
    ofOtherKinds: metas.filter((meta) => !isOfKind(meta)),
    bad,
  }
  if (dumps.length > 0) {
    const meant = dumps.filter(({ meta }) => isOfKind(meta) && holdsMeant(meta, filter))
    return { ...found, files: meant.map(({ file }) => ({ file, guess: null })), isDoubtful: false }
  }
  const sure = foreign.filter(({ isGuess }) => !isGuess)
  const guess = { dir, isBesideSure: sure.length > 0 }
  const files = [
    ...sure.map(({ file }) => ({ file, guess: null })),
    ...foreign.filter(({ isGuess }) => isGuess).map(({ file }) => ({ file, guess })),
  ]
  return { ...found, files, isDoubtful: bad.length === 0 && sure.length === 0 }
}
