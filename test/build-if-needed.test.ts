/** What is built already is not built again, so that npx starts at once in a clone. */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../.ci/build-if-needed.mjs')
const SOURCES = [
  ...['src/a/b.ts', 'viewer/src/page.tsx', 'package-lock.json', 'tsconfig.json'],
  ...['tsconfig.build.json', 'vite.config.ts'],
]
const BUILT = ['dist/index.js', 'dist/bundle/main.js', 'dist/viewer/index.html']

test('it builds where something is missing or older, and else nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'profview-clone-'))
  const put = (path: string, seconds: number) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '')
    utimesSync(join(root, path), seconds, seconds)
  }
  const isBuilt = () => {
    rmSync(join(root, 'was-built'), { force: true })
    execFileSync(process.execPath, [join(root, '.ci/build-if-needed.mjs')], { stdio: 'pipe' })
    return existsSync(join(root, 'was-built'))
  }
  try {
    cpSync(SCRIPT, join(root, '.ci/build-if-needed.mjs'))
    const build = `node -e "fs.writeFileSync('was-built', '')"`
    writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { build } }))
    for (const path of SOURCES) put(path, 1000)
    expect(isBuilt()).toBe(true)
    for (const path of BUILT) put(path, 2000)
    expect(isBuilt()).toBe(false)
    for (const path of SOURCES) {
      put(path, 3000)
      expect(isBuilt(), path).toBe(true)
      put(path, 1000)
    }
    for (const path of BUILT) {
      rmSync(join(root, path))
      expect(isBuilt(), path).toBe(true)
      put(path, 2000)
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
