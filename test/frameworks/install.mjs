/**
 * Installs what the apps are made with, unless that has been done for this very lock file, and lays
 * the built package beside it, so that they find it as any app does.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const HERE = import.meta.dirname
const ROOT = join(HERE, '../..')
const DONE = join(HERE, 'node_modules/.installed')

/** As vitest's global setup. */
export function setup() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8')
  if (lock !== readIfThere(DONE)) {
    // Nothing of it has to be built.
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    const { status } = spawnSync('npm', [...args, '--loglevel=error'], {
      cwd: HERE,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    })
    if (status !== 0) throw new Error('npm ci in test/frameworks has failed')
    writeFileSync(DONE, lock)
  }
  layPackage(join(HERE, 'node_modules/profview'))
}

// --- internal ---

/** A link to all of it would lead round in a circle. */
function layPackage(dir) {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(join(dir, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'))
  symlinkSync(join(ROOT, 'dist/bundle'), join(dir, 'dist/bundle'), 'junction')
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
