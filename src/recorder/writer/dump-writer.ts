import { WindowStore } from '../../assembler/window-store.js'
import { codeOf, ProfviewError } from '../../errors.js'
import { printableReason } from '../../printable.js'
import type { DumpMeta, Profile } from '../../profile/profile.js'
import type { StackTableDelta } from '../../sampler/window.js'
import { FileHashes } from '../../sourcemap/file-hashes.js'
import { WrittenFrames } from '../../sourcemap/written-frames.js'
import { type DumpStore, MinuteIsFull, openStore } from '../../store/dump-store.js'
import { ownVersion } from '../../store/own-version.js'
import { Journal } from './journal.js'
import type {
  DumpMessage,
  FinishMessage,
  LostAnswer,
  ProbeAnswer,
  SomeAnswer,
  StoreAddress,
  UnsafeAnswer,
  WriterAnswer,
} from './messages.js'

/** Turns messages into files, on a thread of its own. */
export class DumpWriter {
  readonly #windows = new WindowStore()
  readonly #stores = new Map<string, DumpStore>()
  readonly #hashes: FileHashes
  readonly #written = new WrittenFrames()
  /** Files of hangs that will be told of again, when they have ended, by their ids. */
  readonly #hangs = new Map<string, string>()
  readonly #journal = new Journal((start) => this.#windows.since(start))

  /** `startedMs`: when the profiled process was started; default: this one. */
  constructor(startedMs?: number) {
    this.#hashes = new FileHashes(startedMs)
  }

  /** Null where there is nothing to answer. Never throws. */
  handle(message: DumpMessage): SomeAnswer | null {
    if (message.type === 'probe') return this.#probe(message.store)
    if (message.type === 'soFar') return this.#journal.soFar(message)
    if (message.type === 'stacks') {
      const table = this.#asWritten(message.table, message.redacted)
      this.#windows.learn(table)
      return this.#journal.told({ type: 'stacks', table, redacted: true })
    }
    if (message.type === 'window') {
      const table = this.#asWritten(message.window.table, message.redacted)
      const window = { ...message.window, table }
      this.#windows.add(window)
      return this.#journal.told({ type: 'window', window, redacted: true })
    }
    return this.#finish(message)
  }

  /** The recording's dump is there, or will not be. */
  done({ recording }: FinishMessage): UnsafeAnswer | null {
    return this.#journal.done(recording.meta.id)
  }

  // --- internal ---

  #finish(message: FinishMessage): WriterAnswer {
    const { id } = message.recording.meta
    try {
      const profile = signed(this.#windows.finish(message.recording))
      if (!isWorthIt(profile, message)) return { id, dropped: true }
      if (message.store === null) return { id, profile }
      const dump = this.#hashed(profile)
      const file = this.#write(message.store, dump)
      return { id, file, meta: dump.sources[0]!, ...(message.isAwaited && { profile: dump }) }
    } catch (error) {
      if (error instanceof MinuteIsFull) return { id, againInMs: error.againInMs }
      return { id, ...reasonOf(error) }
    }
  }

  #write(address: StoreAddress, dump: Profile): string {
    const [{ id, stall }] = dump.sources as [DumpMeta]
    const store = this.#store(address)
    const known = this.#hangs.get(id)
    if (known !== undefined) store.writeOver(known, dump)
    const file = known ?? store.write(dump)
    if (stall?.ended === false) this.#hangs.set(id, file)
    else this.#hangs.delete(id)
    return file
  }

  #probe(store: StoreAddress): ProbeAnswer {
    try {
      this.#store(store).probe()
      return { probed: store, refused: null }
    } catch (error) {
      return { probed: store, refused: reasonOf(error) }
    }
  }

  /** Functions as their source has them. */
  #asWritten(table: StackTableDelta, redacted: boolean): StackTableDelta {
    const { frames, corrected } = table
    if (redacted || frames.length + corrected.length === 0) return table
    const [fresh, known] = [frames.length, corrected.map(([, frame]) => frame)]
    const written = this.#written.of([...frames, ...known])
    const better = corrected.map(([id], i) => [id, written[fresh + i]!] as const)
    return { ...table, frames: written.slice(0, fresh), corrected: better }
  }

  /** The dump says which texts it is of. */
  #hashed(profile: Profile): Profile {
    const files = this.#hashes.of(profile.frames)
    return { ...profile, sources: profile.sources.map((source) => ({ ...source, files })) }
  }

  #store(address: StoreAddress): DumpStore {
    const key = JSON.stringify(address)
    let store = this.#stores.get(key)
    if (store === undefined) {
      store = openStore(address)
      this.#stores.set(key, store)
    }
    return store
  }
}

// --- internal ---

const WRITER = `profview ${ownVersion()}`

/** The dump says who made it. */
function signed(profile: Profile): Profile {
  const sources = profile.sources.map((source) => ({ ...source, writer: WRITER }))
  return { ...profile, sources }
}

function reasonOf(thrown: unknown): Pick<LostAnswer, 'error' | 'refusal'> {
  const error = printableReason(thrown)
  const isRefused = thrown instanceof ProfviewError && thrown.code === 'IO'
  return isRefused ? { error, refusal: codeOf(thrown.cause) } : { error }
}

function isWorthIt({ sources }: Profile, { ifSlowMs }: FinishMessage): boolean {
  const { durationMicros, queued } = sources[0]!
  return ifSlowMs === null || durationMicros + (queued?.maxMicros ?? 0) >= ifSlowMs * 1000
}
