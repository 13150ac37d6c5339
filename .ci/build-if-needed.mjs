/**
 * What `prepare` runs: a build, unless there is one that is newer than all that it was made of. In a
 * clone `npx profview` has npm prepare the package before it starts, which shall not take a minute.
 */
import { execSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = [
  'src',
  'viewer',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
]
/** Each of the three builds writes one of them. */
const BUILT = ['dist/index.js', 'dist/bundle/main.js', 'dist/viewer/index.html']

if (newest(SOURCES) > oldest(BUILT)) execSync('npm run build', { cwd: ROOT, stdio: 'inherit' })

function newest(paths) {
  return Math.max(...paths.flatMap((path) => filesOf(join(ROOT, path)).map(writtenAt)))
}

function oldest(paths) {
  return Math.min(...paths.map((path) => writtenAt(join(ROOT, path))))
}

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}

/** 0 where there is no such file. */
function writtenAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
