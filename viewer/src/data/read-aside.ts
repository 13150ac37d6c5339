import type { Profile } from '../../../src/profile/profile.js'
import { type PackedProfile, unpackProfile } from './packed-profile.js'
import { readDump } from './read-dump.js'
import workerUrl from './reading-worker.ts?worker&url'

export interface ReadRequest {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly name: string | undefined
}

/** The profile, or why there is none, in one line for people. */
export type ReadAnswer = { readonly packed: PackedProfile } | { readonly error: string }

/** Reads one profile beside the page. Begin early: starting takes as long as some bytes need. */
export class AsideReader {
  readonly #worker = startWorker()
  /** Null: the page has to read by itself. */
  readonly #ready = loaded(this.#worker)

  /** Reads the bytes, which are gone then. Rejects with one line for people. */
  async read(bytes: Uint8Array<ArrayBuffer>, name?: string): Promise<Profile> {
    const worker = await this.#ready
    if (worker === null) return readDump(bytes, name)
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
        if ('packed' in data) resolve(unpackProfile(data.packed))
        else reject(new Error(data.error))
      }
      worker.onerror = () => reject(new Error('the profile could not be read'))
      worker.postMessage({ bytes, name } satisfies ReadRequest, [bytes.buffer])
    })
  }

  close(): void {
    this.#worker?.terminate()
  }
}

// --- internal ---

/** Chromium takes an address of code only from who was named in the page's policy. */
declare const trustedTypes:
  | { createPolicy(name: string, rules: { createScriptURL: () => string }): ScriptUrls }
  | undefined

interface ScriptUrls {
  createScriptURL(url: string): string
}

/** Null where the page may not: then it reads itself. */
function startWorker(): Worker | null {
  try {
    urls ??=
      typeof trustedTypes === 'undefined'
        ? { createScriptURL: () => workerUrl }
        : trustedTypes.createPolicy('profview', { createScriptURL: () => workerUrl })
    return new Worker(urls.createScriptURL(workerUrl), { type: 'module' })
  } catch {
    return null
  }
}

/**
 * Once it says that it is there. Null where its code does not come: of a policy that a proxy has
 * added, a browser tells only afterwards.
 */
function loaded(worker: Worker | null): Promise<Worker | null> {
  if (worker === null) return Promise.resolve(null)
  return new Promise((resolve) => {
    worker.onmessage = () => resolve(worker)
    worker.onerror = () => resolve(null)
  })
}

let urls: ScriptUrls | undefined
