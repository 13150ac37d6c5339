/**
 * What the sampling signal harms: a native function that sleeps is woken by it, and SQLite, which
 * counts its naps, gives up a lock long before its timeout. Nothing is known against it, so who has
 * loaded one that waits in the app's thread is told, once.
 */
export class SignalHarm {
  readonly #say: (fact: string) => void
  #harmed = ''
  #modulesSeen = 0
  #isSaid = false

  constructor(say: (fact: string) => void) {
    this.#say = say
  }

  /** An add-on has been loaded. */
  loaded(path: string): void {
    if (BETTER_SQLITE.test(path)) this.#harmed = 'better-sqlite3'
  }

  /** To be called now and then while samples are taken. */
  look(): void {
    if (this.#isSaid) return
    const { length } = modules
    if (length !== this.#modulesSeen) {
      this.#modulesSeen = length
      if (modules.includes(NODE_SQLITE)) this.#harmed ||= 'node:sqlite'
    }
    if (this.#harmed === '') return
    this.#isSaid = true
    const harm = `the signal that takes samples wakes ${this.#harmed} while it waits for a lock`
    const way =
      "it gives up long before its timeout; `arm: 'trigger'` spares it until the first trigger"
    this.#say(`${harm}: ${way} (docs/limits.md of profview)`)
  }
}

// --- internal ---

const BETTER_SQLITE = /[\\/]better-sqlite3[^\\/]*[\\/]/
/** What Node has loaded of its own. */
const modules = (process as { readonly moduleLoadList?: readonly string[] }).moduleLoadList ?? []
const NODE_SQLITE = 'NativeModule sqlite'
