import { execFileSync, fork, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Kept } from '../../src/profile/profile.js'
import { listDumps } from '../../src/store/dump-list.js'
import { makeDumpName, parseDumpName, temporaryName } from '../../src/store/dump-name.js'
import { openStore } from '../../src/store/dump-store.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { dumpOf } from '../support/meta.js'
import { formatTree } from '../support/trees.js'

const disk = vi.hoisted(() => ({ waits: 0 }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const fsyncSync = (fd: number) => {
    disk.waits++
    fs.fsyncSync(fd)
  }
  return { ...fs, fsyncSync }
})

const NO_LIMITS = { files: Infinity, bytes: Infinity, ageMs: Infinity }
const WRITER = fileURLToPath(new URL('../support/dump-writer.mjs', import.meta.url))
const DUMP = dumpOf('main;a 60000\nmain;[await] timer 40000')

let dir: string
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'profview-store-')), 'dumps')
})
afterEach(() => {
  rmSync(join(dir, '..'), { recursive: true, force: true })
})

function temporaries(): string[] {
  return readdirSync(dir).filter((name) => name.endsWith('.tmp'))
}

describe('write', () => {
  test('writes a private file that reads back, in a private directory', () => {
    const file = openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(file).toMatch(/[\\/]dumps[\\/]\d{8}T\d{6}\.\d{3}Z-\d+-\d+-\d+-[0-9a-f]{16}\.cpuprofile$/)
    expect(lstatSync(file).mode & 0o777).toBe(0o600)
    expect(lstatSync(dir).mode & 0o777).toBe(0o700)
    expect(formatTree(readProfileFile(file))).toEqual(formatTree(DUMP))
    expect(readdirSync(dir)).toHaveLength(1)
  })

  test('a dump has the digest of what follows its facts', () => {
    const bytes = readFileSync(openStore({ dir, limits: NO_LIMITS }).write(DUMP), 'utf8')
    const [head, digest, behind] = bytes.split(/"sha256":"(\w+)"/)
    expect(digest).toBe(createHash('sha256').update(behind!).digest('hex'))
    expect(JSON.parse(bytes)).toEqual({
      ...JSON.parse(`${head!.slice(0, -1)}${behind}`),
      $profview: { ...JSON.parse(`${head!.slice(0, -1)}${behind}`).$profview, sha256: digest },
    })
  })

  test.each<[Kept, number]>([
    ['trigger', 1],
    ['slow', 1],
    ['share', 0],
    ['all', 0],
  ])('of %s waits for the disk %i times', (kept, waits) => {
    disk.waits = 0
    const dump = { ...DUMP, sources: [{ ...DUMP.sources[0]!, kept }] }
    expect(readProfileFile(openStore({ dir, limits: NO_LIMITS }).write(dump)).sources).toHaveLength(
      1,
    )
    expect(disk.waits).toBe(waits)
  })

  test('makes the directory again if it has been removed', () => {
    const store = openStore({ dir, limits: NO_LIMITS })
    store.write(DUMP)
    rmSync(dir, { recursive: true })
    expect(existsSync(store.write(DUMP))).toBe(true)
  })

  test('never makes a name twice, also at one moment', () => {
    const names = new Set(Array.from({ length: 2000 }, () => makeDumpName(0)))
    expect(names.size).toBe(2000)
    expect(parseDumpName(makeDumpName(1_000))).toMatchObject({ timeMs: 1_000, pid: process.pid })
  })

  test('works in a worker thread', async () => {
    const worker = new Worker(WRITER, { argv: [dir, '3'] })
    await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject))
    expect(listDumps(dir)).toHaveLength(3)
  })
})

describe('a failing file system', () => {
  test('says in one line that the directory is a file, and leaves nothing', () => {
    writeFileSync(dir, 'a file')
    const write = () => openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(write).toThrow(/^cannot write .*: a part of the path is not a directory \(ENOTDIR\)$/)
    expect(readFileSync(dir, 'utf8')).toBe('a file')
  })

  test.skipIf(process.platform === 'win32')('says that the directory may not be written', () => {
    mkdirSync(dir, { mode: 0o555 })
    chmodSync(join(dir, '..'), 0o755)
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    const child = spawnSync(process.execPath, [WRITER, dir, '1'], { ...user, encoding: 'utf8' })
    expect(child.stdout).toMatch(/^IO cannot write .*: permission denied \(EACCES\)\n$/)
    expect(readdirSync(dir)).toEqual([])
  })

  test.skipIf(!canMount())('leaves nothing on a full disk', () => {
    mkdirSync(dir)
    const script = `mount -t tmpfs -o size=64k tmpfs "$1" && "$2" "$3" "$1" 100; ls -A "$1"`
    const out = execFileSync(
      'unshare',
      ['-rm', 'sh', '-c', script, 'sh', dir, process.execPath, WRITER],
      { encoding: 'utf8' },
    )
    const [failure, ...files] = out.trim().split('\n')
    expect(failure).toMatch(/^IO cannot write .*: no space left on the disk \(ENOSPC\)$/)
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((name) => !name.endsWith('.cpuprofile'))).toEqual([])
  })
})

describe('retention', () => {
  test('removes the oldest first, and never a file that is not ours', () => {
    const store = openStore({ dir, limits: NO_LIMITS })
    const files = Array.from({ length: 8 }, () => store.write(DUMP))
    writeFileSync(join(dir, 'mine.cpuprofile'), '{}')
    writeFileSync(join(dir, 'notes.txt'), '')
    symlinkSync('/etc/passwd', join(dir, makeDumpName(0)))
    mkdirSync(join(dir, makeDumpName(1)))
    const before = readdirSync(dir).length
    const { removed, kept } = openStore({ dir, limits: { ...NO_LIMITS, files: 3 } }).prune()
    expect({ removed, kept, left: before - readdirSync(dir).length }).toEqual({
      removed: 5,
      kept: 3,
      left: 5,
    })
    expect(files.map((file) => existsSync(file))).toEqual([
      ...[false, false, false, false, false],
      ...[true, true, true],
    ])
  })

  test('removes nothing where there is no limit, whoever wrote it', () => {
    for (let writer = 0; writer < 3; writer++) openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(readdirSync(dir)).toHaveLength(3)
  })

  test('keeps the newest whatever the limits say', () => {
    const store = openStore({ dir, limits: { files: 0, bytes: 0, ageMs: 0 } })
    store.write(DUMP)
    const newest = store.write(DUMP)
    store.prune()
    expect(listDumps(dir).map(({ file }) => file)).toEqual([newest])
  })

  test('removes what is too old, by its name', () => {
    mkdirSync(dir)
    const old = makeDumpName(Date.now() - 10_000)
    writeFileSync(join(dir, old), '{}')
    openStore({ dir, limits: { ...NO_LIMITS, ageMs: 5_000 } }).write(DUMP)
    expect(readdirSync(dir)).not.toContain(old)
  })

  test('holds the limit of bytes', () => {
    const probe = lstatSync(openStore({ dir, limits: NO_LIMITS }).write(DUMP)).size
    const store = openStore({ dir, limits: { ...NO_LIMITS, bytes: probe * 5.5 } })
    for (let i = 0; i < 30; i++) store.write(DUMP)
    const sizes = readdirSync(dir).map((name) => lstatSync(join(dir, name)).size)
    expect(sizes.length).toBeGreaterThan(2)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(probe * 6.5)
  })

  test('sweeps temporary files of writers that died over an hour ago', () => {
    const store = openStore({ dir, limits: { ...NO_LIMITS, files: 5 } })
    store.write(DUMP)
    const stale = join(dir, temporaryName(makeDumpName()))
    const fresh = join(dir, temporaryName(makeDumpName()))
    for (const file of [stale, fresh]) writeFileSync(file, 'half')
    utimesSync(stale, new Date(0), new Date(Date.now() - 2 * 3_600_000))
    store.prune()
    expect([existsSync(stale), existsSync(fresh)]).toEqual([false, true])
  })

  test('removes the name of a dump whose bytes a power cut took, not one that is being copied', () => {
    mkdirSync(dir)
    const [lost, copied] = [makeDumpName(Date.now()), makeDumpName(Date.now())]
    for (const name of [lost, copied]) writeFileSync(join(dir, name), '')
    utimesSync(join(dir, lost), new Date(0), new Date(Date.now() - 2 * 3_600_000))
    const store = openStore({ dir, limits: { ...NO_LIMITS, files: 2 } })
    store.write(DUMP)
    expect(readdirSync(dir)).not.toContain(lost)
    expect(readdirSync(dir)).toContain(copied)
    // When its bytes are there it counts as any other.
    writeFileSync(join(dir, copied), 'bytes')
    store.write(DUMP)
    expect(store.prune().kept).toBe(2)
    expect(readdirSync(dir)).not.toContain(copied)
  })

  test('lists the directory seldom where there is room', () => {
    const store = openStore({ dir, limits: { ...NO_LIMITS, files: 1000 } })
    store.write(DUMP)
    rmSync(dir, { recursive: true })
    // Had it been looked at, the directory would have been found missing: `ENOENT` is swallowed.
    for (let i = 0; i < 50; i++) store.write(DUMP)
    expect(readdirSync(dir)).toHaveLength(50)
  })
})

describe('several processes', () => {
  test('hold a limit of 20 files together', async () => {
    let most = 0
    const watch = setInterval(() => {
      if (existsSync(dir)) most = Math.max(most, listDumps(dir).length)
    }, 10)
    const exits: Promise<number | null>[] = []
    for (let i = 0; i < 4; i++) {
      const writer = fork(WRITER, [dir, '150', '20'])
      exits.push(exitOf(writer))
      // Each takes its share among those that it sees: one that has written nothing is not seen.
      await vi.waitFor(
        () => {
          const names = readdirSync(dir)
          const isSeen = names.some((name) => name.includes(`-${writer.pid}-`))
          expect(isSeen || writer.exitCode !== null).toBe(true)
        },
        { interval: 2, timeout: 30_000 },
      )
    }
    const codes = await Promise.all(exits)
    clearInterval(watch)
    expect(codes).toEqual([0, 0, 0, 0])
    expect(most).toBeLessThanOrEqual(24)
    expect(listDumps(dir).length).toBeGreaterThan(10)
    expect(temporaries()).toEqual([])
  })

  test('leave only whole files when they are killed', async () => {
    const newest = () => (existsSync(dir) ? listDumps(dir)[0]?.file : undefined)
    for (let round = 0; round < 8; round++) {
      const before = newest()
      const writer = fork(WRITER, [dir, '100000', '200'])
      const exit = exitOf(writer)
      while (newest() === before) await new Promise((resolve) => setTimeout(resolve, 5))
      await new Promise((resolve) => setTimeout(resolve, round * 7))
      writer.kill('SIGKILL')
      await exit
    }
    const dumps = listDumps(dir)
    expect(dumps.length).toBeGreaterThanOrEqual(8)
    for (const { file } of dumps) expect(formatTree(readProfileFile(file)).length).toBe(3)
    expect(temporaries().length).toBeLessThanOrEqual(8)
  })
})

function exitOf(child: ReturnType<typeof fork>): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve))
}

/** May this user make a small disk of its own? */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: no right to mount a tmpfs, the full disk is not tested')
    return false
  }
}
