/**
 * Preloaded before an app: while the file `FLAG` is there, the function `CALL` of `node:fs` fails
 * with `CODE` for what is in `DIR`, or open, in the thread that writes dumps. `FLAG` grows by one
 * byte with each failure. Where `CODE` is `ends`, the thread ends.
 */
import fs from 'node:fs'
import threads from 'node:worker_threads'

const { FLAG, CALL, CODE, DIR } = process.env

if (threads.isMainThread) {
  const { Worker } = threads
  // Its thread has no environment and no preload of the app's: it gets ours.
  threads.Worker = class extends Worker {
    constructor(url, options) {
      const env = { FLAG, CALL, CODE, DIR }
      super(url, { ...options, execArgv: ['--import', import.meta.url], env })
    }
  }
} else if (CALL) {
  const call = fs[CALL]
  let isOurs = false
  fs[CALL] = (...args) => {
    const isThere = typeof args[0] !== 'string' || args[0].startsWith(DIR)
    if (isOurs || !isThere || !fs.existsSync(FLAG)) return call(...args)
    isOurs = true
    fs.appendFileSync(FLAG, '.')
    isOurs = false
    if (CODE === 'ends') process.exit()
    throw Object.assign(new Error(`${CODE}: injected`), { code: CODE })
  }
}
