/** Disks that are full, read-only or forbidden, and directories that cannot be. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/dump-store.js'
import { dumpOf } from '../support/meta.js'
import { canMount } from '../support/small-disk.js'

const NO_LIMITS = { files: Infinity, bytes: Infinity, ageMs: Infinity }
const WRITER = fileURLToPath(new URL('../support/dump-writer.mjs', import.meta.url))
const DUMP = dumpOf('main;a 60000\nmain;[await] timer 40000')
const isWindows = process.platform === 'win32'

let dir: string
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'profview-disk-')), 'dumps')
})
afterEach(() => {
  rmSync(join(dir, '..'), { recursive: true, force: true })
})

/** What a program said in one line, if it ended by itself. */
function run(program: string, args: readonly string[], options: object = {}): string {
  const limits = { timeout: 30_000, killSignal: 'SIGKILL', encoding: 'utf8' } as const
  const ended = spawnSync(program, args, { ...limits, ...options })
  expect(ended).toMatchObject({ signal: null, status: 0 })
  return ended.stdout as string
}

describe('a directory that cannot be', () => {
  test('is a file', () => {
    writeFileSync(dir, 'a file')
    const write = () => openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(write).toThrow(/^cannot write .*: a part of the path is not a directory \(ENOTDIR\)$/)
    expect(readFileSync(dir, 'utf8')).toBe('a file')
  })

  test.skipIf(isWindows)('is a link to nowhere', () => {
    symlinkSync('/nonexistent/profiles', dir)
    const write = () => openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(write).toThrow(/^cannot make .*dumps: a part of the path is not a directory \(EEXIST\)$/)
  })

  test.skipIf(isWindows)('is in a working directory that was removed', () => {
    const script = `
      const { chdir, cwd } = process
      chdir(${JSON.stringify(join(dir, '..'))})
      fs.mkdirSync('gone')
      chdir('gone')
      fs.rmdirSync(cwd())
      await import(${JSON.stringify(WRITER)})
    `
    for (const path of ['./profiles', 'a/b/c']) {
      const flags = ['--input-type=module', '-e', `import fs from 'node:fs'\n${script}`]
      const said = run(process.execPath, [...flags, '--', 'x', path, '1'])
      expect(said, path).toMatch(/^IO cannot make .*: no such file or directory \(ENOENT\)\n$/)
    }
  })

  test.skipIf(process.platform !== 'linux')('is where nothing can be made', () => {
    const said = run(process.execPath, [WRITER, '/proc/profview/profiles', '1'])
    expect(said).toMatch(/^IO cannot make \/proc\/profview\/profiles: no such file.*\(ENOENT\)\n$/)
  })

  test.skipIf(isWindows)('may not be written', ({ skip }) => {
    mkdirSync(dir, { mode: 0o555 })
    chmodSync(join(dir, '..'), 0o755)
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    // A Node that npm has put into a home is not theirs to run.
    const { error } = spawnSync(process.execPath, ['--version'], user)
    skip((error as NodeJS.ErrnoException)?.code === 'EACCES', 'no other account runs this Node')
    const said = run(process.execPath, [WRITER, dir, '1'], user)
    expect(said).toMatch(/^IO cannot write .*: permission denied \(EACCES\)\n$/)
    expect(readdirSync(dir)).toEqual([])
  })
})

describe('a limit of the process', () => {
  test.skipIf(isWindows)('of a file’s size', () => {
    mkdirSync(dir)
    // 512 bytes or 1,024: less than a dump.
    const said = run('sh', ['-c', 'ulimit -f 1; exec "$@"', 'sh', ...writer(10)])
    expect(said).toMatch(/^IO cannot write .*: over the file size limit \(EFBIG\)\n$/)
    expect(readdirSync(dir)).toEqual([])
  })
})

describe.skipIf(!canMount())('a disk of its own', () => {
  /** What a writer of so many dumps says there, and what it leaves. */
  function writeThere(options: string, count: number, before = ''): [string, string[]] {
    mkdirSync(dir)
    const script = `mount -t tmpfs -o ${options} tmpfs "$0" && cd "$0" && ${before || ':'} && "$@"; ls -A "$0"`
    const out = run('unshare', ['-rm', 'sh', '-c', script, dir, ...writer(count)])
    const lines = out.trim().split('\n')
    const files = lines.filter((line) => !line.startsWith('IO '))
    expect(files.filter((name) => !/\.cpuprofile$|^others$/.test(name))).toEqual([])
    return [lines.filter((line) => line.startsWith('IO ')).join('\n'), files]
  }

  test('that is nearly full: what is left of it is for others', () => {
    const [said, files] = writeThere('size=64k', 100)
    expect(said).toMatch(/^IO cannot write to .*: the disk is nearly full \(ENOSPC\)$/)
    expect(files.length).toBeGreaterThan(0)
  })

  test('without another file', () => {
    const [said, files] = writeThere('size=1m,nr_inodes=8', 100)
    expect(said).toMatch(/^IO cannot write .*: no space left on the disk \(ENOSPC\)$/)
    expect(files.length).toBeGreaterThan(0)
  })

  test('that is read-only', () => {
    const [said, files] = writeThere('size=64k', 1, 'mount -o remount,ro "$0"')
    expect(said).toMatch(/^IO cannot write .*: the file system is read-only \(EROFS\)$/)
    expect(files).toEqual([])
  })
})

function writer(count: number): string[] {
  return [process.execPath, WRITER, dir, String(count)]
}
