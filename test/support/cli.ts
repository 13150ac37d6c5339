import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the built command line as users do, in `cwd`, its output piped. */
export function profview(
  args: readonly string[],
  { cwd = process.cwd(), input = '', env = {} as Record<string, string> } = {},
): Outcome {
  const child = spawnSync(process.execPath, [BIN, ...args], {
    cwd,
    input,
    encoding: 'utf8',
    timeout: 50_000,
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
  return { code: child.status, out: child.stdout, err: child.stderr }
}
