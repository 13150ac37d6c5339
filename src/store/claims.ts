import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { claimName } from './dump-name.js'
import { crypto } from './lazy-node-modules.js'

/**
 * Says in a directory that something has been used; false where somebody has said so before: this
 * process, another one, or one that has ended. Rejects with what the file system says: then nothing
 * has been claimed.
 */
export async function claim(dir: string, what: string): Promise<boolean> {
  const digest = crypto().createHash('sha256').update(what).digest('hex')
  const path = join(dir, claimName(digest.slice(0, 32)))
  try {
    return await create(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeDirectory(dir)
    return await create(path)
  }
}

// --- internal ---

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

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
