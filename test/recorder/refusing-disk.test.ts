/**
 * A directory that takes no dumps for a while, because its disk is full, read-only or forbidden:
 * requests are served as without us, one line says what it is and what to do, nobody is given the
 * id of a dump that will not be, and it is used again as soon as it takes dumps.
 */
import { execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { ProfilerCounts, ProfilerOptions } from '../../src/index.js'
import { temporaryDirs } from '../support/app.js'
import { canMount, onSmallDisk } from '../support/small-disk.js'

const temporaryDir = temporaryDirs()
const APP = fileURLToPath(new URL('../support/refusing-disk-app.mjs', import.meta.url))
const PRELOAD = new URL('../support/disk-fault.mjs', import.meta.url).href
const isWindows = process.platform === 'win32'
const OTHER_ACCOUNT = 65_534

interface Answer {
  readonly hasId: boolean
  /** All that the client sees but what we add. */
  readonly answer: unknown
}

interface Seen {
  readonly before: Answer
  readonly lost: Answer
  readonly meanwhile: readonly Answer[]
  readonly after: Answer
  readonly said: readonly string[]
  readonly told: readonly string[]
  readonly atFirst: ProfilerCounts
  /** At the end of the trouble. */
  readonly counts: ProfilerCounts
  /** Dumps and probes that were refused in the same time, where that was injected. */
  readonly attempts: number
  /** Since its beginning. */
  readonly seconds: number
}

interface Trouble {
  readonly name: string
  /** Words before `node`. */
  readonly under?: (dir: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly options?: ProfilerOptions
  readonly spawn?: SpawnOptions
}

async function live(trouble: Trouble): Promise<Seen> {
  const disk = temporaryDir()
  const dir = join(disk, 'profiles')
  if (trouble.spawn?.uid !== undefined) {
    mkdirSync(dir)
    for (const path of [disk, dir]) chownSync(path, OTHER_ACCOUNT, OTHER_ACCOUNT)
    chmodSync(disk, 0o755)
  }
  const node = [process.execPath, ...(trouble.env ? ['--import', PRELOAD] : [])]
  const app = [APP, trouble.name, dir, JSON.stringify(trouble.options ?? {})]
  const [program, ...args] = [...(trouble.under?.(disk) ?? []), ...node, ...app]
  const injected = { FLAG: join(temporaryDir(), 'flag'), DIR: disk, ...trouble.env }
  const child = spawn(program!, args, {
    ...trouble.spawn,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...(trouble.env ? injected : {}) },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const texts = ['', '']
  for (const [i, stream] of [child.stdout!, child.stderr!].entries()) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      texts[i] += text
    })
  }
  const [code] = await once(child, 'close')
  expect([code, texts[1]]).toEqual([0, ''])
  return JSON.parse(texts[0]!)
}

function expectPoliteness(seen: Seen, reason: RegExp, advice: RegExp): void {
  const { before, lost, meanwhile, after, said, told, atFirst, counts } = seen
  for (const { answer } of [lost, ...meanwhile, after]) expect(answer).toEqual(before.answer)
  // Of the first nobody knew yet; from then on there is none, until a dump can be written.
  expect([before, lost, after].map(({ hasId }) => hasId)).toEqual([true, true, true])
  expect(meanwhile.filter(({ hasId }) => hasId)).toEqual([])
  expect(counts).toEqual({ ...atFirst, skipped: atFirst.skipped + meanwhile.length })
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/^profview: a profile was lost: cannot (write|make) .* unprofiled$/)
  expect(said[0]).toMatch(reason)
  expect(said[0]).toMatch(advice)
  expect(told).toEqual([expect.stringMatching(/^profview: profiles are written again, as .*lost/)])
}

const INJECTED: Readonly<Record<string, readonly [code: string, advice: RegExp][]>> = {
  writeSync: [
    ['ENOSPC', /free some space, or set `dir` \(PROFVIEW_DIR\)/],
    ['EDQUOT', /raise the quota/],
    ['EFBIG', /`ulimit -f`/],
    ['EIO', /dmesg/],
  ],
  openSync: [
    ['EROFS', /mount a writable volume/],
    ['EACCES', /let (uid \d+|the account).* write there/],
    ['ENOTDIR', /remove what is in its place/],
    ['EMFILE', /`ulimit -n`/],
  ],
  renameSync: [['EPERM', /let (uid \d+|the account).* write there/]],
  closeSync: [['ESOMETHING', /set `dir` \(PROFVIEW_DIR\)/]],
}

// They rest for most of their time.
test.concurrent.each(Object.keys(INJECTED))('%s fails', async (call) => {
  const lives = INJECTED[call]!.map(async ([code, advice]) => {
    const seen = await live({ name: 'injected', env: { CALL: call, CODE: code } })
    expectPoliteness(seen, new RegExp(code), advice)
  })
  await Promise.all(lives)
})

describe.concurrent('for real', () => {
  test('a file is in its place', async () => {
    const seen = await live({ name: 'a file' })
    expectPoliteness(seen, /a part of the path is not a directory/, /remove what is in its place/)
  })

  test.skipIf(isWindows)('its mode forbids it', async ({ skip }) => {
    // Root may write everywhere.
    const isRoot = process.getuid?.() === 0
    const account = isRoot ? { uid: OTHER_ACCOUNT, gid: OTHER_ACCOUNT } : {}
    // A Node that npm has put into a home is not theirs to run.
    const { error } = spawnSync(process.execPath, ['--version'], account)
    skip((error as NodeJS.ErrnoException)?.code === 'EACCES', 'no other account runs this Node')
    const seen = await live({ name: 'forbidden', spawn: account })
    const uid = isRoot ? OTHER_ACCOUNT : process.getuid?.()
    expectPoliteness(seen, /permission denied \(EACCES\)/, new RegExp(`let uid ${uid}, which`))
  })

  test.skipIf(isWindows)('too many files are open', async () => {
    const under = () => ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh']
    const seen = await live({ name: 'too many files', under })
    expectPoliteness(seen, /too many open files \(EMFILE\)/, /`ulimit -n`/)
  })

  test.skipIf(!hasPrlimit())('a file may have no more bytes', async () => {
    const seen = await live({ name: 'the limit of a file' })
    expectPoliteness(seen, /over the file size limit \(EFBIG\)/, /`ulimit -f`/)
  })

  describe.skipIf(!canMount())('a disk of its own', () => {
    test('is full', async () => {
      const seen = await live({ name: 'full', under: onSmallDisk })
      expectPoliteness(seen, /\(ENOSPC\)/, /free some space/)
    })

    test('is read-only', async () => {
      const seen = await live({ name: 'read-only', under: onSmallDisk })
      expectPoliteness(seen, /the file system is read-only \(EROFS\)/, /mount a writable volume/)
    })
  })
})

test.concurrent('a thread that ends at its disk is no directory that refuses, and no limit', async () => {
  const seen = await live({ name: 'injected', env: { CALL: 'openSync', CODE: 'ends' } })
  expect(seen.meanwhile.filter(({ hasId }) => hasId)).toEqual([])
  expect(seen.said).toEqual([
    expect.stringMatching(
      /^profview: a profile was lost: the thread that puts dumps together ended/,
    ),
    expect.stringMatching(/^profview: a request asked .* see that the disk of `dir` answers$/),
  ])
  expect([seen.told, seen.after.hasId]).toEqual([[], true])
})

describe.concurrent('nothing is put together for it, over and over, with', () => {
  test.each<[string, ProfilerOptions]>([
    ['all', { mode: 'all' }],
    ['a share', { mode: 0.9 }],
    ['slow', { slow: 1 }],
    ['the whole process', { mode: 'process', limits: { durationMs: 100 } }],
  ])('%s', async (_name, options) => {
    const env = { CALL: 'openSync', CODE: 'EACCES', forMs: '2500' }
    const seen = await live({ name: 'injected', env, options })
    expect(seen.said).toHaveLength(1)
    expect(seen.told).toHaveLength(1)
    // After 1, 3, 7 s there is a probe. Meanwhile ten parts of the process end.
    const probes = Math.ceil(Math.log2(seen.seconds + 1))
    expect(seen.attempts).toBeLessThanOrEqual(Math.min(4, probes))
    expect(seen.meanwhile.length).toBeGreaterThanOrEqual(20)
    expect(seen.counts.profiled).toBe(seen.atFirst.profiled)
  })
})

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: no prlimit, the limit of a file is not tested')
    return false
  }
}
