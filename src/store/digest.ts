import { ProfviewError } from '../errors.js'
import type { ByteSource } from '../formats/shared/byte-window.js'
import { type DumpDigest, digestOf } from '../formats/shared/dump-digest.js'
import { crypto } from './lazy-node-modules.js'

/** Throws `BAD_INPUT` for a dump that says what its bytes are, and they are others. */
export function requireDigest(bytes: Uint8Array): void {
  const digest = digestOf(bytes)
  if (digest === null) return
  const found = crypto().hash('sha256', bytes.subarray(digest.end), 'hex')
  if (found !== digest.sha256) throw damaged()
}

/** The same for a file that is never held as a whole: it is summed while it is read. */
export class DigestCheck implements ByteSource {
  readonly size: number
  readonly #source: ByteSource
  readonly #digest: DumpDigest | null
  readonly #hash: ReturnType<ReturnType<typeof crypto>['createHash']> | null
  /** Up to where. */
  #at: number

  constructor(source: ByteSource) {
    this.#source = source
    this.size = source.size
    const head = new Uint8Array(Math.min(HEAD, source.size))
    this.#digest = digestOf(head.subarray(0, source.read(head, 0)))
    this.#hash = this.#digest && crypto().createHash('sha256')
    this.#at = this.#digest?.end ?? 0
  }

  read(into: Uint8Array, position: number): number {
    const length = this.#source.read(into, position)
    if (this.#hash !== null && position <= this.#at && this.#at < position + length) {
      this.#hash.update(into.subarray(this.#at - position, length))
      this.#at = position + length
    }
    return length
  }

  /** Throws as `requireDigest` does; once all has been read. */
  require(): void {
    if (this.#hash !== null && this.#hash.digest('hex') !== this.#digest?.sha256) throw damaged()
  }
}

// --- internal ---

/** Before the digest there are the facts of one recording. */
const HEAD = 4 * 1024 * 1024

function damaged(): ProfviewError {
  const fact = 'damaged: its bytes are not those that profview wrote (sha256)'
  return new ProfviewError('BAD_INPUT', fact)
}
