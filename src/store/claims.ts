import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '../errors.js'
import { claimName, isShortLived } from './dump-name.js'
import { crypto } from './lazy-node-modules.js'
import { SHORT_LIFE_MS } from './retention.js'

/**
 * Says in a directory that something has been used; false where somebody has said so before: this
 * process, another one, or one that has ended. Rejects with what the file system says: then nothing
 * has been claimed.
 */
export async function claim(dir: string, what: string): Promise<boolean> {
  const digest = crypto().createHash('sha256').update(what).digest('hex')
  const path = join(dir, claimName(digest.slice(0, 32)))
  if (claims++ % SWEEP_EACH === 0) void sweep(dir)
  try {
    return await create(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeDirectory(dir)
    return await create(path)
  }
}

// --- internal ---

/** Of this thread. */
let claims = 0
const SWEEP_EACH = 256

/** Who writes dumps does this as well; but where nothing can be recorded nobody does. */
async function sweep(dir: string): Promise<void> {
  try {
    for (const name of await fs.promises.readdir(dir)) {
      if (!isShortLived(name)) continue
      const path = join(dir, name)
      const stats = await fs.promises.lstat(path)
      if (stats.isFile() && Date.now() - stats.mtimeMs > SHORT_LIFE_MS) await fs.promises.rm(path)
    }
  } catch {
    // Another process was first, or creating a file says what is wrong.
  }
}

/** Node loads what it has of promises when it is asked for them: most apps never do. */
async function create(path: string): Promise<boolean> {
  try {
    const file = await fs.promises.open(path, 'wx', 0o600)
    await file.close()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Part by part: Node's own `recursive` asks for ever where a path cannot be made. */
async function makeDirectory(dir: string): Promise<void> {
  try {
    await makeOne(dir)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(dir) === dir) throw error
    await makeDirectory(dirname(dir))
    await makeOne(dir)
  }
}

async function makeOne(dir: string): Promise<void> {
  try {
    await fs.promises.mkdir(dir, { mode: 0o700 })
  } catch (error) {
    // Another process was first; or it is something else, which creating a file in it will say.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}
