/**
 * Installs what the apps are made with, unless that has been done for this very lock file, lays the
 * built package beside it, so that they find it as any app does, and has Next build its app.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const HERE = import.meta.dirname
const ROOT = join(HERE, '../..')
const DONE = join(HERE, 'node_modules/.installed')
const NEXT = join(HERE, 'apps/next')
const BUILT = join(NEXT, '.next/built-of')

/** As vitest's global setup. */
export function setup() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8')
  if (lock !== readIfThere(DONE)) {
    // Nothing of it has to be built.
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    run('npm', [...args, '--loglevel=error'], { shell: process.platform === 'win32' })
    writeFileSync(DONE, lock)
  }
  layPackage(join(HERE, 'node_modules/profview'))
  buildNext(lock)
}

// --- internal ---

/** A link to all of it would lead round in a circle. */
function layPackage(dir) {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(join(dir, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'))
  symlinkSync(join(ROOT, 'dist/bundle'), join(dir, 'dist/bundle'), 'junction')
}

/** Unless that has been done of the same files: it takes twelve seconds. */
function buildNext(lock) {
  const of = createHash('sha256').update(lock).update(textsBelow(NEXT)).digest('hex')
  if (of === readIfThere(BUILT)) return
  rmSync(join(NEXT, '.next'), { recursive: true, force: true })
  const next = join(HERE, 'node_modules/next/dist/bin/next')
  run(process.execPath, [next, 'build', NEXT], {
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  writeFileSync(BUILT, of)
}

/** And what they import from beside it. */
function textsBelow(dir) {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => /\.(js|jsx|mjs)$/.test(file) && !file.includes('.next'))
  return [...files.sort(), join(HERE, 'apps/shop.mjs')].map((file) => readIfThere(file)).join('')
}

function run(program, args, options) {
  const stdio = ['ignore', 'inherit', 'inherit']
  const { status } = spawnSync(program, args, { cwd: HERE, stdio, ...options })
  if (status !== 0) throw new Error(`${program} ${args[0]} in test/frameworks has failed`)
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
