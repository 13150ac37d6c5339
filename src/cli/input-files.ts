/** Several files as one: each counts once, and none is what is being written. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ProfviewError } from '../errors.js'
import { printable } from '../printable.js'
import { FILE_LABEL } from '../profile/labels.js'
import { pieceOf } from '../store/foreign-files.js'
import { readProfileFile } from '../store/profile-file.js'
import type { Input } from './directory-inputs.js'

type Note = (text: string) => void

/**
 * The inputs without a file that is there by another path already, and without the output of an
 * earlier time, unless that is all there is: it is read and replaced then. Throws `BAD_OPTION`
 * where a profile that somebody recorded would be replaced by the sum of the others.
 */
export function onceEach(files: readonly Input[], output: string | null, note: Note): Input[] {
  const seen = new Map<string, string>()
  const own = output === null ? null : identityOf(output)
  const kept: Input[] = []
  let left: string | null = null
  for (const input of files) {
    const { file } = input
    const identity = file === '-' ? file : identityOf(file)
    const before = identity === null ? undefined : seen.get(identity)
    if (before !== undefined) {
      note(`${printable(file)}: is ${printable(before)} once more, and counts once`)
      continue
    }
    if (identity !== null) seen.set(identity, file)
    if (identity !== null && identity === own) left = file
    else kept.push(input)
  }
  if (left === null) return kept
  if (kept.length === 0) return files.filter(({ file }) => file === left).slice(0, 1)
  if (!mayBeMerged(left)) {
    const fact = 'it is one of the inputs, and would be replaced by what they are together'
    throw new ProfviewError('BAD_OPTION', `${printable(left)}: ${fact}`, { path: '--output' })
  }
  note(`${printable(left)}: left out, because it is what is written`)
  return kept
}

// --- internal ---

function identityOf(file: string): string | null {
  try {
    // Numbers of files are larger than a number can hold on Windows.
    const { dev, ino } = statSync(file, { bigint: true })
    return ino === 0n ? resolve(file) : `${dev}:${ino}`
  } catch {
    return null
  }
}

/**
 * What V8 wrote, or a dump of ours, is nobody's sum. Other formats do not say who wrote them: a
 * merge has its parts' files as labels.
 */
function mayBeMerged(file: string): boolean {
  const head = pieceOf(file, 0, 4096).toString('latin1')
  if (/\.cpuprofile$/i.test(file)) {
    return head.includes('"$profview"') && /"kind":\s*"profile"/.test(head)
  }
  if (/"exporter":\s*"profview/.test(head)) return true
  try {
    return readProfileFile(file).labelSets.some((labels) => labels.has(FILE_LABEL))
  } catch {
    return false
  }
}
