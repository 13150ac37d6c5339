/**
 * Another profiler in the app's own process, before ours or after it: it gets its profile, requests
 * are served, the process ends as it does without us, and one line says what cannot be had.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ROOT, runNode, temporaryDir } from '../support/app.js'

const APP = fileURLToPath(new URL('../support/other-profiler-app.mjs', import.meta.url))

interface Seen {
  readonly answers: readonly [number, boolean][]
  readonly said: readonly string[]
  readonly dumps: readonly { warnings: readonly string[]; seen: readonly string[] }[]
  readonly goingOn: readonly string[]
  readonly stopped: readonly string[]
}

/** Another copy of the library, with a native part of its own. */
function copyOfLibrary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'profview-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const modules = join(ROOT, 'node_modules')
  const copy = join(dir, 'node_modules/@datadog/pprof')
  mkdirSync(copy, { recursive: true })
  const native = `prebuilds/${process.platform}-${process.arch}`
  for (const part of ['package.json', 'out', native])
    cpSync(join(modules, '@datadog/pprof', part), join(copy, part), { recursive: true })
  for (const name of ['node-gyp-build', 'pprof-format', 'source-map'])
    symlinkSync(join(modules, name), join(dir, 'node_modules', name))
  return copy
}

async function seenBeside(library: string, order: string): Promise<Seen> {
  const { code, err, out } = await runNode([APP, library, order, temporaryDir()])
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

const LIBRARIES = {
  'the library that we use': () => '@datadog/pprof',
  'another copy of it': copyOfLibrary,
}

/** Of those of the app's functions that a request ran: while theirs ran there was no dump. */
function expectPoliteness({ answers, said, goingOn, stopped }: Seen, first: number): void {
  expect(goingOn).toEqual([`busy${first}`])
  expect(stopped).toEqual([`busy${first + 1}`])
  const [while1, while2, ...later] = answers.slice(first - 1)
  expect([while1, while2]).toEqual([
    [200, false],
    [200, false],
  ])
  expect(later.at(-1)).toEqual([200, true])
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/another profiler runs in this thread/)
}

describe.each(Object.entries(LIBRARIES))('%s', (_name, library) => {
  test('after ours: ours gives way, and comes back', async () => {
    const seen = await seenBeside(library(), 'after')
    expectPoliteness(seen, 2)
    expect(seen.answers[0]).toEqual([200, true])
    const [before, after] = seen.dumps
    expect(before!.seen).toEqual(['busy1'])
    expect(after!.seen).toEqual([`busy${seen.answers.length}`])
    expect(after!.warnings).toContain('restarted')
  })

  test('before ours: ours waits until it has stopped', async () => {
    const seen = await seenBeside(library(), 'before')
    expectPoliteness(seen, 1)
    expect(seen.dumps).toHaveLength(1)
    expect(seen.dumps[0]!.seen).toEqual([`busy${seen.answers.length}`])
  })
})
