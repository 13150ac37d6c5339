import { threadId } from 'node:worker_threads'
import type { Settings } from './options.js'
import type { StoreAddress } from './writer/messages.js'

/** The settings' directory of dumps, for this thread and what it has one of a minute. */
export function storeOf({ dir, limits }: Settings): StoreAddress {
  const { files, bytes, ageMs } = limits
  return { dir, limits: { files, bytes, ageMs }, threadId }
}

/** The same for what may come in any number. */
export function countedStoreOf(settings: Settings): StoreAddress {
  return { ...storeOf(settings), perMinute: settings.limits.perMinute }
}
