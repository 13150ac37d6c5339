import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { detectName } from '../formats/registry.js'
import { type DumpEntry, type KnownDumps, listDumps } from './dump-list.js'

/** A file in a directory that is no dump of ours, and a profile as far as its name tells. */
export interface ForeignEntry {
  /** `dir` joined with the file's name. */
  readonly file: string
  readonly bytes: number
  readonly mtimeMs: number
  /** Other files have such names as well: it may turn out to be no profile at all. */
  readonly isGuess: boolean
}

export interface ProfileList {
  /** Newest first. */
  readonly dumps: readonly DumpEntry[]
  /**
   * By name. Where there are dumps, a directory means those wherever it is summed: what else lies
   * there may be the sum of them.
   */
  readonly foreign: readonly ForeignEntry[]
}

/**
 * The profiles of a directory: the one rule of which of its files are meant. Hidden files, symbolic
 * links (they may lead out of it), FIFOs and devices never are. `onSkip`, `known` and `IO` are
 * those of `listDumps`; what it hears of is in neither list.
 */
export function listProfiles(
  dir: string,
  onSkip: (file: string, reason: string) => void = () => {},
  known?: KnownDumps,
): ProfileList {
  const told = new Set<string>()
  const skip = (file: string, reason: string) => {
    told.add(file)
    onSkip(file, reason)
  }
  const dumps = listDumps(dir, skip, known)
  for (const { file } of dumps) told.add(file)
  const foreign: ForeignEntry[] = []
  for (const name of readdirSync(dir).sort()) {
    const file = join(dir, name)
    const detection = name.startsWith('.') || told.has(file) ? 'no' : detectName(name)
    const stat = detection === 'no' ? null : lstatSync(file, { throwIfNoEntry: false })
    if (!stat?.isFile()) continue
    const { size: bytes, mtimeMs } = stat
    foreign.push({ file, bytes, mtimeMs, isGuess: detection === 'maybe' })
  }
  return { dumps, foreign }
}
