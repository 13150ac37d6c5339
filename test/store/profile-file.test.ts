import { execFileSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readProfileFile, writeProfileFile } from '../../src/store/profile-file.js'
import { formatTree, profileFrom } from '../support/trees.js'

const PROFILE = profileFrom('main;a 3\nmain;b 4')

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'profview-file-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Writes the bytes and returns why they are refused, without the directory. */
function refusalOf(name: string, bytes?: Uint8Array | string, limit?: number): string {
  const path = join(dir, name)
  if (bytes !== undefined) writeFileSync(path, bytes)
  try {
    readProfileFile(path, limit === undefined ? {} : { memory: limit })
    return 'read'
  } catch (error) {
    expect((error as Error).name).toBe('ProfviewError')
    return (error as Error).message.replaceAll(`${dir}/`, '')
  }
}

describe('reading', () => {
  test('unpacks gzip whatever the name is', () => {
    const file = join(dir, 'a.cpuprofile')
    writeProfileFile(file, PROFILE)
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
    writeFileSync(join(dir, 'nameless'), gzipSync(readFileSync(file)))
    expect(formatTree(readProfileFile(`${file}.gz`))).toEqual(formatTree(PROFILE))
    expect(formatTree(readProfileFile(join(dir, 'nameless')))).toEqual(formatTree(PROFILE))
  })

  test('refuses each kind of damaged gzip with its own reason', () => {
    const good = gzipSync('main;a 3\n')
    const badSum = Buffer.from(good)
    badSum[badSum.length - 6]! ^= 1
    const bomb = gzipSync(Buffer.alloc(5_000_000))
    const reasons = [
      refusalOf('cut.gz', good.subarray(0, 20)),
      refusalOf('sum.gz', badSum),
      refusalOf('tail.gz', Buffer.concat([good, Buffer.from('tail')])),
      refusalOf('nul.gz', Buffer.concat([good, Buffer.alloc(3)])),
      refusalOf('two.gz', Buffer.concat([good, good])),
      refusalOf('bomb.gz', bomb, 100_000_000),
      refusalOf('twice.gz', gzipSync(good)),
    ]
    expect(reasons).toEqual([
      'cut.gz: damaged gzip: cut short',
      'sum.gz: damaged gzip: the checksum is wrong',
      'tail.gz: damaged gzip: foreign bytes after its end',
      'nul.gz: damaged gzip: cut, or more behind its end; of several in one, read each by itself',
      'two.gz: damaged gzip: cut, or more behind its end; of several in one, read each by itself',
      'bomb.gz: takes more than 100 MB of memory to read; more is allowed with --max-memory',
      'twice.gz: compressed with gzip more than once',
    ])
  })

  test('refuses a gzip file cut at any place', () => {
    const bytes = gzipSync(`${'main;a 3\n'.repeat(50)}`)
    for (let length = 2; length < bytes.length; length++) {
      expect(refusalOf('part.gz', bytes.subarray(0, length))).toMatch(/^part.gz: damaged gzip/)
    }
  })

  test('refuses what is not a file, without waiting for it', async () => {
    mkdirSync(join(dir, 'folder'))
    execFileSync('mkfifo', [join(dir, 'fifo')])
    symlinkSync('nowhere', join(dir, 'dangling'))
    symlinkSync('loop', join(dir, 'loop'))
    symlinkSync('/dev/zero', join(dir, 'zero'))
    const server = createServer().listen(join(dir, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    const names = ['folder', 'fifo', 'dangling', 'loop', 'zero', 'socket', 'gone']
    expect(names.map((name) => refusalOf(name))).toEqual([
      'folder: a directory, not a file',
      'fifo: a FIFO, not a file',
      'cannot read dangling: no such file or directory (ENOENT)',
      'cannot read loop: too many symbolic links (ELOOP)',
      'zero: a device, not a file',
      'socket: a socket, not a file',
      'cannot read gone: no such file or directory (ENOENT)',
    ])
    server.close()
  })

  test('refuses what is empty, too large, nothing but zeros, or no profile', () => {
    const sparse = openSync(join(dir, 'sparse.cpuprofile'), 'w')
    ftruncateSync(sparse, 3 * 2 ** 30)
    closeSync(sparse)
    expect([
      refusalOf('empty.cpuprofile', ''),
      refusalOf('large.txt', 'main;a 3\n'.repeat(1e6), 100e6),
      refusalOf('sparse.cpuprofile'),
      refusalOf('evil\n\x1b[31m.txt', '\x89PNG'),
    ]).toEqual([
      'empty.cpuprofile: the file is empty',
      'large.txt: takes more than 100 MB of memory to read; more is allowed with --max-memory',
      'sparse.cpuprofile: not a profile: nothing but zeros at its start',
      expect.stringMatching(/^evil\\n\\x1b\[31m\.txt: not a profile/),
    ])
  })
})

describe('writing', () => {
  test.each(['x.cpuprofile', 'x.pb.gz', 'x.pb', 'x.speedscope.json', 'x.collapsed.txt'])(
    '%s',
    (name) => {
      const file = join(dir, name)
      writeProfileFile(file, PROFILE)
      expect(formatTree(readProfileFile(file))).toEqual(formatTree(PROFILE))
      expect(readFileSync(file)[0] === 0x1f).toBe(name.endsWith('.gz'))
    },
  )

  test('leaves a file alone that it cannot replace', () => {
    const file = join(dir, 'kept.cpuprofile')
    writeFileSync(file, 'before')
    const negative = profileFrom('main;a -3')
    expect(() => writeProfileFile(file, negative)).toThrow('negative')
    expect(readFileSync(file, 'utf8')).toBe('before')
    expect(() => writeProfileFile(join(dir, 'x.xyz'), PROFILE)).toThrow(
      'x.xyz: the extension names',
    )
    expect(() => writeProfileFile(join(dir, 'folder'), PROFILE)).toThrow('the extension names')
    expect(() => writeProfileFile(join(dir, 'no/where.cpuprofile'), PROFILE)).toThrow('ENOENT')
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})
