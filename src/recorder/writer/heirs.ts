/**
 * Processes come and go, and share a directory: who writes there next writes the dumps of those who
 * were killed.
 */
import { readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isJournal, temporaryOfJournal } from '../../store/dump-name.js'
import { hasEnded } from '../../store/process-identity.js'
import type { SoFarMessage } from './messages.js'
import { readHead, replay } from './replay.js'
import { unfinished } from './unfinished.js'

export class Heirs {
  /** The recordings at whose beginning it was looked last. */
  readonly #looked = new Map<string, string>()

  /** When a recording begins for a directory. Never throws. */
  look({ store: { dir }, recording, isForNext }: SoFarMessage): void {
    const { id } = recording.meta
    if (!isForNext || this.#looked.get(dir) === id) return
    this.#looked.set(dir, id)
    try {
      for (const name of readdirSync(dir).filter(isJournal)) inherit(dir, name)
    } catch {
      // Writing says what is wrong with it.
    }
  }
}

// --- internal ---

/** One that still goes on has added something since, unless its loop hangs. */
const ABANDONED_MS = 600_000

function inherit(dir: string, name: string): void {
  const path = join(dir, name)
  try {
    const { mtimeMs } = statSync(path)
    const head = readHead(path)
    if (head === null) return
    const isOver = hasEnded(head.process) ?? Date.now() - mtimeMs > ABANDONED_MS
    if (!isOver) return
    // Of several who want it one gets it. What is left of that one who is killed now is swept.
    const claimed = join(dir, temporaryOfJournal(name))
    renameSync(path, claimed)
    const replayed = replay(claimed, (last) => unfinished(last, null))
    if (replayed.some(({ file }) => file === null)) renameSync(claimed, path)
  } catch {
    // Another process was first.
  }
}
