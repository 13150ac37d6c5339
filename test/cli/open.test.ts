import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeProfileFile } from '../../src/store/profile-file.js'
import { profview } from '../support/cli.js'
import { profileFrom } from '../support/trees.js'

const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-open-'))
  writeProfileFile(join(cwd, 'a.cpuprofile'), profileFrom('main;a 3\nmain;b 4'))
  writeFileSync(join(cwd, 'bad.cpuprofile'), '{}')
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, 'open', '--no-open', '--port', '0', ...args], { cwd })
  return { child, line: firstLine(child), code: new Promise((done) => child.on('close', done)) }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let out = ''
    child.stdout!.on('data', (data) => {
      out += data
      if (out.includes('\n')) resolve(out.split('\n', 1)[0]!)
    })
    child.on('close', () => resolve(`closed: ${out}`))
  })
}

describe('open', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'prints the address first, and %s ends it',
    async (signal) => {
      const { child, line, code } = start(['a.cpuprofile'])
      expect(await line).toMatch(/^profview: http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\//)
      const page = await fetch((await line).slice('profview: '.length))
      expect(page.status).toBe(200)
      await page.text()
      child.kill(signal)
      expect(await code).toBe(0)
    },
  )

  test.each([[[]], [['profiles']], [['later']], [['later/']]])(
    'waits for the first profile: %j',
    async (args) => {
      const dir = join(cwd, args[0] ?? 'profiles')
      rmSync(dir, { recursive: true, force: true })
      if (args[0] === 'profiles') mkdirSync(dir)
      const { child, line, code } = start(args)
      const url = (await line).slice('profview: '.length)
      const index = async () => (await fetch(`${url}api/index.json`)).json()
      expect(await index()).toEqual({ entries: [], refusals: [] })
      mkdirSync(dir, { recursive: true })
      writeProfileFile(join(dir, 'a.cpuprofile'), profileFrom('main;a 3'))
      expect(await index()).toMatchObject({ entries: [{ file: 'a.cpuprofile' }], refusals: [] })
      child.kill('SIGINT')
      expect(await code).toBe(0)
      rmSync(dir, { recursive: true })
    },
  )

  test('opens what is piped into it', async () => {
    const { child, line, code } = start(['-'])
    child.stdin.end('main;a 3\n')
    expect(await line).toMatch(/^profview: http/)
    child.kill('SIGINT')
    expect(await code).toBe(0)
  })

  test.runIf(process.platform === 'linux')('has its secret in no argument', async () => {
    const home = mkdtempSync(join(tmpdir(), 'profview-home-'))
    const browser = join(home, 'browser')
    const given = join(home, 'given')
    writeFileSync(browser, `#!/bin/sh\nprintf %s "$*" > '${given}'\n`, { mode: 0o700 })
    // Nothing else that `xdg-open` would ask: neither a desktop nor another program.
    const env = { PATH: process.env.PATH, HOME: home, BROWSER: browser }
    const child = spawn(process.execPath, [BIN, 'open', '--port', '0', 'a.cpuprofile'], {
      cwd,
      env,
    })
    const code = new Promise((done) => child.on('close', done))
    const url = (await firstLine(child)).slice('profview: '.length)
    while (!existsSync(given) || readFileSync(given, 'utf8') === '') await sleep(20)
    const argument = readFileSync(given, 'utf8')
    const [, secret] = new URL(url).pathname.split('/')
    expect(argument).not.toContain(secret)
    const page = argument.startsWith('file:') ? fileURLToPath(argument) : argument
    const { hash } = new URL(url)
    expect(readFileSync(page, 'utf8')).toContain(`/${secret}/${hash.replaceAll('&', '&amp;')}"`)
    expect([page, dirname(page)].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700])
    child.kill('SIGINT')
    expect(await code).toBe(0)
    expect(existsSync(dirname(page))).toBe(false)
    rmSync(home, { recursive: true, force: true })
  })

  test('refuses what it could not show', () => {
    const { code, out, err } = profview(['open', 'bad.cpuprofile', 'gone', '--no-open'], { cwd })
    expect([code, out, err.trimEnd().split('\n')]).toEqual([
      1,
      '',
      [
        expect.stringMatching(/^profview: bad\.cpuprofile: /),
        'profview: cannot read gone: no such file or directory (ENOENT)',
      ],
    ])
  })

  test('knows ports', () => {
    const reason = "option '--port <port>' argument '99999' is invalid. Ports end at 65535."
    expect(profview(['open', 'a.cpuprofile', '--port', '99999'], { cwd })).toEqual({
      code: 2,
      out: '',
      err: `profview: ${reason}\n`,
    })
  })
})

describe('a terminal', () => {
  const hasScript = spawnSync('script', ['--version']).status === 0

  test.skipIf(!hasScript)('gets colours and strokes', () => {
    const command = `"${process.execPath}" "${BIN}" show a.cpuprofile`
    const env = { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd,
      env,
      encoding: 'utf8',
    })
    expect(stdout).toContain('\x1b[2m└─ \x1b[0m')
    const plain = spawnSync('script', ['-qec', command, '/dev/null'], {
      cwd,
      env: { ...env, NO_COLOR: '1' },
      encoding: 'utf8',
    })
    expect(plain.stdout).toContain('└─ 0.003 ms  a')
  })
})

describe('loading', () => {
  test('takes neither the sampler nor a server to list', () => {
    expect(loadedBy('list', '--json', cwd).filter((file) => /pprof|express/.test(file))).toEqual([])
  })

  test('takes few files to show, and none that reads source maps where there are none', () => {
    const loaded = loadedBy('show', join(cwd, 'a.cpuprofile'))
    expect(loaded.filter((name) => name.includes('trace-mapping'))).toEqual([])
    const ours = loaded.map((name) => /[\\/]dist[\\/]bundle[\\/](.*)/.exec(name)?.[1] ?? '')
    expect(ours.filter((name) => name !== '').sort()).toEqual([
      'cli.list.js',
      'cli.prune.js',
      'cli.show.js',
      'cli.start.js',
      'main.js',
    ])
  })
})

/** The files that a command loads. */
function loadedBy(...args: string[]): string[] {
  const main = JSON.stringify(new URL('../../dist/bundle/main.js', import.meta.url).href)
  const probe = `
    const { main } = await import(${main})
    await main(${JSON.stringify(args)})
    console.error(JSON.stringify(Object.keys((await import('node:module')).default._cache)))
  `
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', probe], {
    encoding: 'utf8',
  })
  return JSON.parse(child.stderr)
}
