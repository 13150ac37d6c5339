/** Which directories are asked for, and how often, on systems that answer differently. */
import { posix, win32 } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'

const system = vi.hoisted(() => ({
  dirname: (path: string): string => path,
  mkdir: (_path: string): void => {},
  directories: new Set<string>(),
}))

vi.mock('node:path', async (original) => ({
  ...(await original<typeof import('node:path')>()),
  dirname: (path: string) => system.dirname(path),
}))
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  mkdirSync: (path: string) => system.mkdir(path),
  statSync: (path: string) =>
    system.directories.has(path) ? { isDirectory: () => true } : undefined,
}))

const { makeDirectory } = await import('../../src/store/make-directory.js')

let asked: string[]

/** A file system that has these directories, and says `codes` of others. */
function systemOf(path: typeof posix, directories: string[], codes: Record<string, string> = {}) {
  asked = []
  system.dirname = path.dirname
  system.directories = new Set(directories)
  system.mkdir = (at) => {
    asked.push(at)
    const is = system.directories
    const code = codes[at] ?? (is.has(at) ? 'EEXIST' : is.has(path.dirname(at)) ? '' : 'ENOENT')
    if (code !== '') throw Object.assign(new Error(code), { code })
    is.add(at)
  }
}

beforeEach(() => {
  asked = []
})

describe('makes what is missing, and no more', () => {
  test.each([
    [posix, '/', '/var/app/profiles', ['/var/app/profiles', '/var/app', '/var']],
    [win32, 'C:\\', 'C:\\app\\profiles', ['C:\\app\\profiles', 'C:\\app']],
    [win32, '\\\\host\\share\\', '\\\\host\\share\\profiles', ['\\\\host\\share\\profiles']],
  ] as const)('%#', (path, root, dir, made) => {
    systemOf(path as typeof posix, [root])
    makeDirectory(dir)
    expect([...system.directories]).toEqual([root, ...[...made].reverse()])
  })
})

test('a root says that it may not be made, not that it is there', () => {
  systemOf(win32 as typeof posix, ['C:\\'], { 'C:\\': 'EPERM' })
  makeDirectory('C:\\a\\b')
  expect(system.directories).toContain('C:\\a\\b')
})

test('another process is first', () => {
  systemOf(posix, ['/'], {})
  const { mkdir } = system
  system.mkdir = (at) => {
    // Each time, after it has been found missing.
    if (asked.length > 2) system.directories.add(at)
    mkdir(at)
  }
  makeDirectory('/a/b')
  expect(system.directories).toContain('/a/b')
})

describe('asks no more than twice for each part of the path', () => {
  test.each([
    ['what is above it is there, and it cannot be made', posix, '/proc/x/y', ['/', '/proc']],
    ['the working directory was removed', posix, './profiles', ['.']],
    ['nothing is above it', posix, 'a/b/c', []],
    ['no such drive', win32, 'Q:\\profiles\\now', []],
    ['no such host', win32, '\\\\host\\share\\profiles', []],
  ] as const)('%s', (_, path, dir, directories) => {
    systemOf(path as typeof posix, [...directories])
    system.mkdir = (at) => {
      asked.push(at)
      const code = system.directories.has(at) ? 'EEXIST' : 'ENOENT'
      throw Object.assign(new Error(code), { code })
    }
    expect(() => makeDirectory(dir)).toThrow('ENOENT')
    expect(asked.length).toBeLessThanOrEqual(2 * dir.split(/[\\/]/).length)
  })
})

test.each(['EACCES', 'EROFS', 'ENOSPC', 'ENAMETOOLONG', 'ELOOP'])('%s is said at once', (code) => {
  systemOf(posix, ['/'], { '/a/b': code })
  expect(() => makeDirectory('/a/b')).toThrow(code)
  expect(asked).toEqual(['/a/b'])
})
