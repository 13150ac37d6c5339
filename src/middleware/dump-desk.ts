import type { Profile } from '../profile/profile.js'
import { Desk } from '../sampler/desk.js'
import { type DumpStore, openStore } from '../store/dump-store.js'
import { FileHashes } from '../store/file-hashes.js'
import type { DeskAnswer, DeskMessage, StoreAddress } from './desk-messages.js'

/** A profile as an HTML file; throws where that cannot be made. */
export type MakeHtml = (profile: Profile) => string

/** Turns messages into files; on the desk's own thread, or on the profiled one where there is no other. */
export class DumpDesk {
  readonly #desk = new Desk()
  readonly #stores = new Map<string, DumpStore>()
  readonly #hashes = new FileHashes()
  readonly #makeHtml: MakeHtml | null

  /** Without `makeHtml` no answer brings a report: on the profiled thread it would hold everybody up. */
  constructor(makeHtml: MakeHtml | null = null) {
    this.#makeHtml = makeHtml
  }

  /** Null where there is nothing to answer. Never throws. */
  handle(message: DeskMessage): DeskAnswer | null {
    if (message.type === 'window') {
      this.#desk.add(message.window)
      return null
    }
    const { id } = message.recording.meta
    try {
      const profile = this.#desk.finish(message.recording)
      if (message.store === null) return { id, profile }
      const dump = this.#hashed(profile)
      const file = this.#store(message.store).write(dump)
      const html = message.html ? this.#html(dump) : null
      return { id, file, meta: dump.sources[0]!, ...(html && { html }) }
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) }
    }
  }

  // --- internal ---

  /** The dump says which texts it is of. */
  #hashed(profile: Profile): Profile {
    const files = this.#hashes.of(profile.frames)
    return { ...profile, sources: profile.sources.map((source) => ({ ...source, files })) }
  }

  /** The dump is safe already: a report that cannot be made is missed by nobody but who waits for it. */
  #html(profile: Profile): Uint8Array<ArrayBuffer> | null {
    try {
      return this.#makeHtml && new TextEncoder().encode(this.#makeHtml(profile))
    } catch {
      return null
    }
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
