import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { tallyName } from './dump-name.js'
import { crypto } from './lazy-node-modules.js'

/**
 * How many dumps a directory gets, whoever writes them: threads, processes and hosts that know
 * nothing of each other. Each adds a record to a file before it writes a dump, and reads what all
 * have added: what is appended to a file all of them see in the same order. What has been removed
 * meanwhile, by retention or by hand, has been counted all the same. There is a file for each
 * minute of the clock, so that none grows for ever.
 */
export class Tally {
  /** Counted since `forget`, by this writer and all others. */
  files = 0
  bytes = 0
  readonly #dir: string
  /** Whose a record is. */
  readonly #self = crypto().randomBytes(8)
  /** When the dumps of the last minute were counted, epoch ms, in the order of their records. */
  #times: number[] = []
  /** How far the files of this minute of the clock and the one before have been read, bytes. */
  #read = new Map<number, number>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /**
   * Counts a dump of so many bytes; 0 if it may be written. Where the last minute has had `most`
   * before it, the time after which there may be room again, ms. Throws what the file system
   * throws: what cannot be counted must not be written.
   */
  add(bytes: number, most: number, now: number = Date.now()): number {
    const minute = minuteOf(now)
    this.#turnTo(minute, now)
    const fd = openSync(this.#file(minute), APPEND, 0o600)
    try {
      this.#readOn(fd, minute)
      if (this.#times.length < most) {
        writeSync(fd, this.#record(bytes, now))
        if (this.#readOn(fd, minute) < most) return 0
      }
      return Math.max(1, (this.#times[0] ?? now) + MINUTE_MS - now)
    } finally {
      closeSync(fd)
    }
  }

  /** The directory has just been looked at. */
  forget(): void {
    this.files = 0
    this.bytes = 0
  }

  // --- internal ---

  #file(minute: number): string {
    return join(this.#dir, tallyName(minute))
  }

  /** Forgets what is longer ago than a minute, and reads the rest of the clock's minute before. */
  #turnTo(minute: number, now: number): void {
    const recent = [minute - 1, minute]
    this.#read = new Map(recent.map((each) => [each, this.#read.get(each) ?? 0]))
    try {
      const fd = openSync(this.#file(minute - 1), 'r')
      try {
        this.#readOn(fd, minute - 1)
      } finally {
        closeSync(fd)
      }
    } catch {
      // There was none, or it has been swept.
    }
    while (this.#times.length > 0 && this.#times[0]! <= now - MINUTE_MS) this.#times.shift()
    // The clock has been set back: they would be recent for as long as it was.
    while (this.#times.length > 0 && minuteOf(this.#times.at(-1)!) > minute) this.#times.pop()
  }

  #record(bytes: number, now: number): Uint8Array {
    const record = Buffer.alloc(RECORD_BYTES)
    record.set(this.#self)
    record.writeDoubleLE(bytes, 8)
    record.writeDoubleLE(now, 16)
    return record
  }

  /** How many dumps of the last minute are before the last one of this writer that is read now. */
  #readOn(fd: number, minute: number): number {
    const { size } = fstatSync(fd)
    // Where it is shorter, somebody has removed the file, and another has begun it again.
    const start = Math.min(this.#read.get(minute)!, size)
    const records = Buffer.alloc(size - (size % RECORD_BYTES) - start)
    const length = readSync(fd, records, 0, records.length, start)
    let place = Number.POSITIVE_INFINITY
    let at = 0
    for (; at + RECORD_BYTES <= length; at += RECORD_BYTES) {
      if (records.compare(this.#self, 0, 8, at, at + 8) === 0) place = this.#times.length
      const [bytes, time] = [records.readDoubleLE(at + 8), records.readDoubleLE(at + 16)]
      // What is no record has been written by somebody else: it counts for as long as one may.
      this.#times.push(minuteOf(time) === minute ? time : (minute + 1) * MINUTE_MS - 1)
      this.files++
      this.bytes += bytes >= 0 && bytes < Infinity ? bytes : 0
    }
    this.#read.set(minute, start + at)
    return place
  }
}

// --- internal ---

const MINUTE_MS = 60_000

/**
 * Whose it is, the dump's bytes and its time as doubles, and eight bytes more: so none goes over
 * the end of a disk's block, and on a full disk there is all of it or nothing.
 */
const RECORD_BYTES = 32

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS)
}

const APPEND =
  constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0)
