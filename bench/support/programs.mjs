/** Whole processes of Node: how long they take, and what memory they had at most. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const REPORT = fileURLToPath(new URL('./report-usage.cjs', import.meta.url))

export const PROFVIEW = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))

/**
 * Resolves to `{ ms, firstMs, megabytes, cpuMs, out }`: until it ended, until it first printed; the
 * largest memory that it had, and its CPU time. Throws unless it ends well.
 */
export async function runNode(args, env = {}) {
  const start = performance.now()
  const child = spawn(process.execPath, ['--require', REPORT, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, ...env },
  })
  let firstMs = 0
  child.stdout.once('data', () => {
    firstMs = performance.now() - start
  })
  const outputs = [text(child.stdout), text(child.stdio[3])]
  const [code] = await once(child, 'close')
  const ms = performance.now() - start
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`)
  const [out, usage] = await Promise.all(outputs)
  return { ms, firstMs, out, ...JSON.parse(usage) }
}

/** A directory that is gone afterwards. */
export async function withDirectory(use) {
  const dir = mkdtempSync(join(tmpdir(), 'profview-bench-'))
  try {
    return await use(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
