/** An app that was compiled, from the request to the tree. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOf } from '../../src/sourcemap/source-file.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { ROOT } from '../support/app.js'
import { profview } from '../support/cli.js'
import { writeCompiled } from '../support/compiled.js'

const APP = `declare const require: (name: string) => any
declare const process: any
const { profiler } = require(${JSON.stringify(join(ROOT, 'dist/bundle/index.js'))})
const { createServer } = require('node:http')

const middleware = profiler()

async function loadUser(id: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 30))
  burn(40)
  return id
}

function burn(ms: number): void {
  const from = process.cpuUsage()
  while (process.cpuUsage(from).user < ms * 1000) Math.sqrt(2)
}

async function handler(_request: unknown, response: any): Promise<void> {
  const id = await loadUser(7)
  response.end(String(id))
}

const server = createServer((request: unknown, response: unknown) => {
  middleware(request, response, () => void handler(request, response))
})
server.listen(0, '127.0.0.1', async () => {
  const answer = await fetch(\`http://127.0.0.1:\${server.address().port}/?profile=1\`)
  await answer.text()
  server.close()
  server.closeAllConnections()
})
`

let cwd: string
let compiled: string
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'profview-maps-'))
  compiled = writeCompiled(cwd, 'ES5', { text: APP })
  const child = spawn(process.execPath, [compiled], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await ended(child)
}, 120_000)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.on('close', () => resolve()))
}

function dumpFile(): string {
  const [name, ...others] = readdirSync(join(cwd, 'profiles')).filter(
    (name) => !name.startsWith('.'),
  )
  expect(others).toEqual([])
  return join('profiles', name!)
}

describe('an app that was compiled to ES5', () => {
  test('leaves a dump that says of which text it is', () => {
    const profile = readProfileFile(join(cwd, dumpFile()))
    expect(profile.sources[0]!.files).toEqual({ [compiled]: hashOf(readFileSync(compiled)) })
    expect(profile.frames.some(({ file }) => file.endsWith('.ts'))).toBe(false)
  })

  test('is shown as it was written, each async function once', () => {
    const { out, err } = profview(['show', 'profiles'], { cwd })
    expect(err).toBe('')
    expect(out).toMatch(/handler +src\/app\.ts:19\n/)
    expect(out).toMatch(/loadUser +src\/app\.ts:8\n/)
    expect(out).toMatch(/burn +src\/app\.ts:14\n/)
    expect(out).not.toMatch(/__awaiter|__generator|app\.js/)
    expect(out.match(/loadUser +src/g)).toHaveLength(1)
  })

  test('and as it was compiled, where that is asked for', () => {
    const { out } = profview(['show', 'profiles', '--no-source-maps', '--all'], { cwd })
    expect(out).toMatch(/__awaiter|__generator/)
    expect(out).not.toMatch(/app\.ts/)
  })

  test('is converted and merged as it was recorded, or as it was written', () => {
    const places = (file: string) =>
      new Set(readProfileFile(join(cwd, file)).frames.map((frame) => frame.file.slice(-7)))
    for (const [command, input] of [
      ['convert', dumpFile()],
      ['merge', 'profiles'],
    ] as const) {
      expect(profview([command, input, '-o', 'raw.cpuprofile'], { cwd }).err).toBe('')
      expect([...places('raw.cpuprofile')]).toContain('/app.js')
      expect([...places('raw.cpuprofile')]).not.toContain('/app.ts')
      profview([command, input, '-o', 'baked.cpuprofile', '--source-maps'], { cwd })
      expect([...places('baked.cpuprofile')]).toContain('/app.ts')
      const { out } = profview(['show', 'baked.cpuprofile', '--no-source-maps'], { cwd })
      expect(out.match(/loadUser +src\/app\.ts:8/g)).toHaveLength(1)
    }
  })

  test('is shown as it was compiled once it is another', () => {
    appendFileSync(compiled, '\n')
    const { out } = profview(['show', 'profiles'], { cwd })
    expect(out).not.toMatch(/app\.ts/)
    expect(out).toMatch(/app\.js has changed since the recording: its source map is not used/)
  })
})
