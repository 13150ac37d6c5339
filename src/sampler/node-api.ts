/** Which of Node's functions the app called for a file, where several of them are on the stack. */
import fs from 'node:fs'
import type { Frame } from '../profile/profile.js'

/** `readFile`; '' of a function that nobody outside of Node calls, or that is not about files. */
export function fileApi({ name, file }: Frame): string {
  if (!FILES.test(file)) return ''
  const own = name.slice(name.lastIndexOf('.') + 1).replace(/Handle$/, '')
  // What a stream or a directory asks for on its own.
  if (file === 'node:internal/fs/streams') {
    return /^write/i.test(name) ? 'createWriteStream' : 'createReadStream'
  }
  if (PUBLIC.has(own)) return own
  return file === 'node:internal/fs/dir' ? 'opendir' : ''
}

// --- internal ---

const FILES = /^node:(internal\/)?fs(\/|$)/
/** Whether it takes a callback, gives a promise or is a method. */
const PUBLIC: ReadonlySet<string> = new Set(Object.keys(fs))
