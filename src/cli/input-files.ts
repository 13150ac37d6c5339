/**
 * Several files as one: each counts once, none is what is being written, and what is no dump of
 * ours says of each sample which file it came from.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { ProfviewError } from '../errors.js'
import { isGzip } from '../formats/registry.js'
import { printable } from '../printable.js'
import { FILE_LABEL, WORKER_LABEL } from '../profile/labels.js'
import type { Profile } from '../profile/profile.js'
import { crypto, zlib } from '../store/lazy-node-modules.js'
import { readProfileFile } from '../store/profile-file.js'
import { addLabels } from '../transform/label-source.js'
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

/** Tells samples of files that are no dumps of ours apart. */
export class ForeignFiles {
  readonly #names: ReadonlyMap<string, string>
  readonly #note: Note
  /** By how long they are, unpacked. */
  readonly #read = new Map<number, string[]>()

  constructor(files: readonly Input[], note: Note) {
    this.#names = files.length < 2 ? new Map() : namesBelow(files.map(({ file }) => file))
    this.#note = note
  }

  /**
   * The same content under another name, packed or not, is the same recording: times to the
   * microsecond are not the same twice. A merge that lies beside its parts is none of its own.
   */
  isCopy(profile: Profile, file: string): boolean {
    if (this.#names.size === 0 || profile.sources.length > 0 || file === '-') return false
    if (this.#isSumOfOthers(profile)) {
      this.#note(`${printable(file)}: is the sum of files that are read as well, and left out`)
      return true
    }
    const size = unpackedSize(file)
    const others = this.#read.get(size) ?? []
    const digest = others.length === 0 ? '' : digestOf(file, size)
    const same = others.find((other) => digest !== '' && digestOf(other, size) === digest)
    if (same === undefined) this.#read.set(size, [...others, file])
    else this.#note(`${printable(file)}: holds what ${printable(same)} does, and counts once`)
    return same !== undefined
  }

  /** With its file, and the worker that Node names in it; labels that are there stay. */
  labelled(profile: Profile, file: string): Profile {
    const name = this.#names.get(file)
    if (name === undefined || profile.sources.length > 0) return profile
    const worker = workerOfName(basename(file))
    const facts = new Map([[FILE_LABEL, name]])
    if (worker !== null) facts.set(WORKER_LABEL, worker)
    return addLabels(profile, facts)
  }

  /** Did `labelled` say on each of its samples that it is of one of them? */
  #isSumOfOthers({ labelSets, samples }: Profile): boolean {
    const files = labelSets.map((labels) => labels.get(FILE_LABEL))
    const used = new Set<string | undefined>()
    for (const set of samples.labelSet) used.add(files[set])
    const names = [...this.#names.values()]
    const isHere = (file: string | undefined) => {
      return file !== undefined && names.some((name) => name === file || name.endsWith(`/${file}`))
    }
    return used.size > 1 && [...used].every(isHere)
  }
}

/**
 * `node --cpu-prof` names process, thread and number in it, with 0 for the main thread:
 *
 *     CPU.20261120.140102.4711.0.001.cpuprofile  =  4711
 *     CPU.20261120.140102.4711.2.002.cpuprofile  =  4711.2
 */
export function workerOfName(name: string): string | null {
  const match = /^CPU\.\d{8}\.\d{6}\.(\d+)\.(\d+)\.\d+\.cpuprofile(\.gz)?$/.exec(name)
  if (match === null) return null
  const [, pid, thread] = match
  return thread === '0' ? pid! : `${pid}.${thread}`
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

/** Their paths below the folder that holds all of them. */
function namesBelow(files: readonly string[]): Map<string, string> {
  const paths = files.filter((file) => file !== '-').map((file) => resolve(file))
  let common = paths.length === 0 ? '' : dirname(paths[0]!)
  const isBelow = (path: string) => path.startsWith(common.endsWith(sep) ? common : common + sep)
  while (!paths.every(isBelow) && dirname(common) !== common) common = dirname(common)
  const nameOf = (file: string) => {
    if (file === '-') return '<stdin>'
    return relative(common, resolve(file)).split(sep).join('/')
  }
  return new Map(files.map((file) => [file, nameOf(file)]))
}

/**
 * What V8 wrote, or a dump of ours, is nobody's sum. Other formats do not say who wrote them: a
 * merge has its parts' files as labels.
 */
function mayBeMerged(file: string): boolean {
  const head = piece(file, 0, 4096).toString('latin1')
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

/** What gzip says at its end of one that is packed. */
function unpackedSize(file: string): number {
  const { size } = statSync(file)
  if (!isGzip(piece(file, 0, 4))) return size
  return size < 18 ? -1 : piece(file, size - 4, 4).readUInt32LE(0)
}

/** '' where it cannot be told: then it is nobody's copy. */
function digestOf(file: string, size: number): string {
  const hash = crypto().createHash('sha256')
  try {
    if (isGzip(piece(file, 0, 4))) {
      const packed = piece(file, 0, statSync(file).size)
      return hash.update(zlib().gunzipSync(packed, { maxOutputLength: size + 1 })).digest('hex')
    }
    for (let at = 0; at < size; at += PIECE) hash.update(piece(file, at, PIECE))
    return hash.digest('hex')
  } catch {
    return ''
  }
}

const PIECE = 1024 * 1024

function piece(file: string, position: number, length: number): Buffer {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
  } finally {
    closeSync(fd)
  }
}
