import { execFile, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
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
import { listDumps } from '../../src/store/dump-list.js'
import {
  claimName,
  makeDumpName,
  parseDumpName,
  tallyName,
  temporaryName,
} from '../../src/store/dump-name.js'
import { openStore, pruneDirectory } from '../../src/store/dump-store.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { dumpOf } from '../support/meta.js'
import { formatTree } from '../support/trees.js'

const disk = vi.hoisted(() => ({ lists: 0 }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const readdirSync = (...args: Parameters<typeof fs.readdirSync>) => {
    disk.lists++
    return fs.readdirSync(...args)
  }
  return { ...fs, readdirSync }
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

  test('sweeps temporary files of writers that died over a minute ago', () => {
    const store = openStore({ dir, limits: { ...NO_LIMITS, files: 5 } })
    store.write(DUMP)
    const stale = join(dir, temporaryName(makeDumpName()))
    const fresh = join(dir, temporaryName(makeDumpName()))
    for (const file of [stale, fresh]) writeFileSync(file, 'half')
    utimesSync(stale, new Date(0), new Date(Date.now() - 2 * 60_000))
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

  test('counts what it removes, remains of dumps as well, and sweeps what is not needed any more', () => {
    mkdirSync(dir)
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
    const put = (name: string, text: string, time = hoursAgo) => {
      writeFileSync(join(dir, name), text)
      utimesSync(join(dir, name), time, time)
    }
    put(makeDumpName(), '')
    put(temporaryName(makeDumpName()), 'half')
    put(claimName('a'.repeat(32)), '')
    put(tallyName(1), '')
    const [claim, tally] = [claimName('b'.repeat(32)), tallyName(2)]
    for (const name of [claim, tally]) put(name, '', new Date())
    const foreign = ['.claim', '.x.claim', '.tally', 'x.tally']
    for (const name of foreign) put(name, '')
    expect(pruneDirectory(dir, NO_LIMITS)).toEqual({
      ...{ removed: 2, removedBytes: 4 },
      ...{ kept: 0, keptBytes: 0 },
    })
    expect(readdirSync(dir).sort()).toEqual([claim, tally, ...foreign].sort())
  })

  test('lists the directory seldom where there is room', () => {
    const limits = { ...NO_LIMITS, files: 1000 }
    const store = openStore({ dir, limits, perMinute: 1000 })
    store.write(DUMP)
    const listed = disk.lists
    for (let i = 0; i < 50; i++) store.write(DUMP)
    expect(disk.lists).toBe(listed)
  })

  test('of another writer shows in the room that is left', () => {
    const limits = { ...NO_LIMITS, files: 20 }
    const [one, two] = [0, 1].map(() => openStore({ dir, limits, perMinute: 1000 }))
    one!.write(DUMP)
    for (let i = 0; i < 18; i++) two!.write(DUMP)
    const listed = disk.lists
    // The twentieth, of which `one` has written two.
    one!.write(DUMP)
    expect(disk.lists).toBe(listed + 1)
    expect(listDumps(dir)).toHaveLength(18)
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
      const writer = fork(WRITER, [dir, '150', '20', 'Infinity', 'Infinity'])
      exits.push(exitOf(writer))
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

  test('that know nothing of each other write no more dumps in a minute than one may', async () => {
    const args = [dir, '30', 'Infinity', 'Infinity', '10', '1795750000000']
    const writers = [0, 1, 2].map(() => runWriter(args))
    const tooMany = (await Promise.all(writers)).map(Number)
    expect(listDumps(dir)).toHaveLength(10)
    expect(tooMany.reduce((sum, count) => sum + count)).toBe(3 * 30 - 10)
    // Nor does one that is started again and again.
    expect(await runWriter(args)).toBe('30\n')
    expect(listDumps(dir)).toHaveLength(10)
  })

  test('one that crashes and is started again, over and over, does not fill the disk', async () => {
    const probe = lstatSync(openStore({ dir, limits: NO_LIMITS }).write(DUMP)).size
    for (let i = 0; i < 8; i++) await runWriter([dir, '1', '3', String(probe * 5), '1000'])
    expect(listDumps(dir)).toHaveLength(3)
    for (let i = 0; i < 4; i++) await runWriter([dir, '1', 'Infinity', String(probe * 2.5), '1000'])
    expect(listDumps(dir)).toHaveLength(2)
  })

  test('leave only whole files when forty of them are killed', async () => {
    const killed = async (round: number) => {
      const writer = fork(WRITER, [dir, '100000', '2000', 'Infinity', 'Infinity'])
      const exit = exitOf(writer)
      const hasWritten = () => wholeIn(dir).some((name) => name.includes(`-${writer.pid}-`))
      while (!hasWritten()) await new Promise((resolve) => setTimeout(resolve, 5))
      await new Promise((resolve) => setTimeout(resolve, round % 10))
      writer.kill('SIGKILL')
      await exit
    }
    // Two at a time: one may prune, or sweep, while the other writes and dies.
    const rounds = Array.from({ length: 20 }, (_, round) => round)
    await Promise.all(
      [0, 1].map(async () => {
        for (const round of rounds) await killed(round)
      }),
    )
    const dumps = listDumps(dir)
    expect(new Set(dumps.map(({ meta }) => meta.process.pid)).size).toBe(40)
    for (const { file } of dumps) expect(formatTree(readProfileFile(file)).length).toBe(3)
    expect(temporaries().length).toBeLessThanOrEqual(40)
    for (const name of temporaries()) utimesSync(join(dir, name), 0, Date.now() / 1000 - 61)
    openStore({ dir, limits: NO_LIMITS }).write(DUMP)
    expect(temporaries()).toEqual([])
  })

  test('eight with one pid and one clock overwrite nothing', async () => {
    // Not years ahead of the disk's: what is being written would be left of somebody dead.
    const now = Date.now()
    const frozen = `
      Date.now = () => ${now}
      Object.defineProperty(process, 'pid', { value: 1 })
    `
    const flags = ['--import', `data:text/javascript,${encodeURIComponent(frozen)}`]
    const exits = Array.from({ length: 8 }, () =>
      exitOf(fork(WRITER, [dir, '100'], { execArgv: flags })),
    )
    expect(await Promise.all(exits)).toEqual(Array(8).fill(0))
    const names = readdirSync(dir)
    expect(names).toHaveLength(800)
    expect(new Set(names.map((name) => name.split('-').slice(0, 3).join('-')))).toEqual(
      new Set([`${new Date(now).toISOString().replaceAll(/[-:]/g, '')}-1-0`]),
    )
    for (const name of names) expect(readProfileFile(join(dir, name)).sources).toHaveLength(1)
  })
})

function wholeIn(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).filter((name) => !name.startsWith('.')) : []
}

/** What it prints. */
function runWriter(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [WRITER, ...args], (error, out) =>
      error === null ? resolve(out) : reject(error),
    )
  })
}

function exitOf(child: ReturnType<typeof fork>): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve))
}
