/** Profiles of other tools that are read as one. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { isGzip } from '../formats/registry.js'
import { printable } from '../printable.js'
import { FILE_LABEL, WORKER_LABEL } from '../profile/labels.js'
import type { Labels, Profile } from '../profile/profile.js'
import { crypto, zlib } from './lazy-node-modules.js'

/**
 * Of files that are read as one, and are no dumps of ours: which each sample is of, and which of
 * the files say the same.
 */
export class ForeignFiles {
  readonly #names: ReadonlyMap<string, string>
  readonly #note: (text: string) => void
  readonly #shown: (file: string) => string
  /** By how long they are, unpacked. */
  readonly #read = new Map<number, string[]>()

  /** `shown`: what a path is called in a note. */
  constructor(files: readonly string[], note: (text: string) => void, shown = printable) {
    this.#names = files.length < 2 ? new Map() : namesBelow(files)
    this.#note = note
    this.#shown = shown
  }

  /**
   * The same content under another name, packed or not, is the same recording: times to the
   * microsecond are not the same twice. A merge that lies beside its parts is none of its own.
   */
  isCopy(profile: Profile, file: string): boolean {
    if (this.#names.size === 0 || profile.sources.length > 0 || file === '-') return false
    if (this.#isSumOfOthers(profile)) {
      this.#note(`${this.#shown(file)}: is the sum of files that are read as well, and left out`)
      return true
    }
    const size = unpackedSize(file)
    const others = this.#read.get(size) ?? []
    const digest = others.length === 0 ? '' : digestOf(file, size)
    const same = others.find((other) => digest !== '' && digestOf(other, size) === digest)
    if (same === undefined) this.#read.set(size, [...others, file])
    else this.#note(`${this.#shown(file)}: holds what ${this.#shown(same)} does, and counts once`)
    return same !== undefined
  }

  /** Its file, and the worker that Node names in it: labels for all of its samples. */
  labelsOf(profile: Profile, file: string): Labels {
    const name = this.#names.get(file)
    if (name === undefined || profile.sources.length > 0) return new Map()
    const facts = new Map([[FILE_LABEL, name]])
    const worker = workerOfName(basename(file))
    if (worker !== null) facts.set(WORKER_LABEL, worker)
    return facts
  }

  /** Do labels of ours say on each of its samples that it is of one of them? */
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

/** A part of a file, as it lies on disk. */
export function pieceOf(file: string, position: number, length: number): Buffer {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(fd, bytes, 0, length, position))
  } finally {
    closeSync(fd)
  }
}

// --- internal ---

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

/** What gzip says at its end of one that is packed. */
function unpackedSize(file: string): number {
  const { size } = statSync(file)
  if (!isGzip(pieceOf(file, 0, 4))) return size
  return size < 18 ? -1 : pieceOf(file, size - 4, 4).readUInt32LE(0)
}

/** '' where it cannot be told: then it is nobody's copy. */
function digestOf(file: string, size: number): string {
  const hash = crypto().createHash('sha256')
  try {
    if (isGzip(pieceOf(file, 0, 4))) {
      const packed = pieceOf(file, 0, statSync(file).size)
      return hash.update(zlib().gunzipSync(packed, { maxOutputLength: size + 1 })).digest('hex')
    }
    for (let at = 0; at < size; at += PIECE) hash.update(pieceOf(file, at, PIECE))
    return hash.digest('hex')
  } catch {
    return ''
  }
}

const PIECE = 1024 * 1024
