/** Each folder of examples/ as somebody would run it who has copied it, with the built package. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ROOT } from '../support/app.js'
import { profview } from '../support/cli.js'
import { EXAMPLES, Example, readJson } from './example.js'

let example: Example | null = null
afterEach(async () => {
  await example?.remove()
  example = null
})

/** It has been started, and says what it can be asked. */
async function urlOf(name: string, script = 'start', before: string[] = []): Promise<URL> {
  example = new Example(name)
  for (const step of before) {
    const [program, args] = example.commandOf(step)
    const { folder: cwd } = example
    const { status, stdout } = spawnSync(program, args, { cwd, encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, ''])
  }
  return new URL(await example.start(script, /^http:.*/))
}

test('express', async () => {
  const url = await urlOf('express')
  expect(url.search).toBe('?profile=html')
  expect(await ask(url)).toContain('<title>GET /users/:id')
  await ask(new URL('/users/7', url), { 'x-profile': '1' })
  const tree = await shown(2)
  expect(tree).toMatch(/loadUser +server\.js:\d+\n.*\[await\] timer 30 ms/)
  expect(tree).toMatch(/checksum +server\.js:\d+/)
})

test('cluster', async () => {
  const url = await urlOf('cluster')
  await expect
    .poll(async () => {
      await ask(url)
      const dumps: { process: { workerId: number } }[] = listed()
      return [...new Set(dumps.map(({ process }) => process.workerId))].sort()
    })
    .toEqual([1, 2])
})

test.each([
  ['by tsx', [], 'dev'],
  ['compiled', ['build'], 'start'],
])('typescript, %s', async (_how, before, script) => {
  const url = await urlOf('typescript', script, before)
  await ask(new URL('/users/7', url), { 'x-profile': '1' })
  const source = readFileSync(join(EXAMPLES, 'typescript/server.ts'), 'utf8').split('\n')
  const line = source.findIndex((text) => text.includes('function loadUser')) + 1
  expect(await shown(1)).toMatch(new RegExp(`loadUser +server\\.ts:${line}\\n`))
})

test('each is told of, and has what it needs, in versions that are tested here', () => {
  const own = readJson(join(ROOT, 'package.json'))
  const known = { ...own.dependencies, ...own.devDependencies, profview: `^${own.version}` }
  const told = readFileSync(join(EXAMPLES, 'README.md'), 'utf8')
  for (const name of readdirSync(EXAMPLES)) {
    if (name === 'README.md') continue
    expect(told).toContain(`](${name})`)
    const { dependencies, devDependencies = {} } = readJson(join(EXAMPLES, name, 'package.json'))
    expect(known).toMatchObject({ ...dependencies, ...devDependencies })
  }
})

// --- internal ---

/** The body, on a connection of its own. */
function ask(url: URL, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      response.on('end', () => resolve(body))
    })
    request.on('error', reject)
  })
}

function listed() {
  return JSON.parse(profview(['list', '--json'], { cwd: example!.folder }).out || '[]')
}

/** The tree of the newest, once there are so many. */
async function shown(count: number): Promise<string> {
  await expect.poll(() => listed().length).toBe(count)
  return profview(['show', listed()[0].file], { cwd: example!.folder }).out
}
