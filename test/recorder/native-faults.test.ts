/**
 * The native part cannot be loaded, does not start, fails or hands over nonsense: requests are
 * served, nobody is given the id of a dump that will not be made, one line says so, and it is tried
 * again later.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Ended, runNode, temporaryDirs } from '../support/app.js'

const temporaryDir = temporaryDirs()
const APP = fileURLToPath(new URL('../support/faulty-native-app.mjs', import.meta.url))

interface Seen {
  /** Status, and whether there was an id. */
  readonly answers: readonly [number, boolean][]
  /** Codes of their warnings. */
  readonly dumps: readonly string[][]
  readonly said: readonly string[]
  /** From its failure until the second was answered. */
  readonly secondAfterMs: number
}

/** It rests for so long after a failure, ms. */
const REST = 1000

function seenIn({ code, err, out }: Ended): Seen {
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

/** They wait for most of their time: a line's run at once. */
const FAULTS = [
  ['throws', 'undefined', 'null', '{}', 'no children'],
  ['a node of null', 'a node of nothing', 'a name of another kind', 'cyclic', 'a wide cycle'],
  ['many samples', 'many children', 'no length', 'no time', 'a time that is none'],
  ['a time below zero', 'a CPU time that is none', 'a label that is none', 'a getter that throws'],
  ['a later start'],
].map((faults) => ({ faults }))

test.each(FAULTS)('$faults', async ({ faults }) => {
  const ended = await Promise.all(faults.map((fault) => runNode([APP, fault, temporaryDir()])))
  for (const [i, each] of ended.entries()) expectPoliteness(seenIn(each), faults[i]!)
})

function expectPoliteness(seen: Seen, fault: string): void {
  const { answers, dumps, said, secondAfterMs } = seen
  expect(
    answers.map(([status]) => status),
    fault,
  ).toEqual(answers.map(() => 200))
  // The first had its id when it failed; the next ones have none until it runs again.
  const ids = answers.map(([, hasId]) => hasId)
  expect(ids[0], fault).toBe(true)
  if (secondAfterMs < REST) expect(ids[1], fault).toBe(false)
  expect(ids.at(-1), fault).toBe(true)
  expect(dumps, fault).toHaveLength(ids.filter((hasId) => hasId).length)
  expect(dumps[0], fault).toContain('unsampled')
  expect(dumps.at(-1), fault).toContain('restarted')
  expect(dumps.at(-1), fault).not.toContain('unsampled')
  expect(said, fault).toHaveLength(1)
  expect(said[0], fault).toMatch(FAILED)
}

test.concurrent('it starts at the third try', async () => {
  const { answers, dumps, said } = seenIn(await runNode([APP, 'the first starts', temporaryDir()]))
  expect(answers.map(([status]) => status)).toEqual(answers.map(() => 200))
  const ids = answers.map(([, hasId]) => hasId)
  expect(ids).toEqual([...ids.slice(0, -1).map(() => false), true])
  expect(ids.length).toBeGreaterThan(2)
  expect(dumps).toHaveLength(1)
  expect(dumps[0]).not.toContain('unsampled')
  expect(said).toEqual([expect.stringMatching(FAILED)])
})

const FAILED = /^profview: the native profiler failed \(.+\): requests are served unprofiled .+$/

const NEVER: readonly [string, string[], Record<string, string>][] = [
  ['it does not start', [], {}],
  ['add-ons are switched off', ['--no-addons'], {}],
  ['it is of another C library', [], { LIBC: 'musl' }],
  ['there is none for this version of Node', ['--import', otherAbi()], {}],
]

describe.concurrent.each(NEVER)('%s', (what, flags, env) => {
  test.skipIf(what.includes('C library') && process.platform !== 'linux')('never', async () => {
    const fault = what === 'it does not start' ? 'start' : 'none'
    const { answers, dumps, said } = seenIn(
      await runNode([...flags, APP, fault, temporaryDir()], env),
    )
    expect(answers).toEqual([
      [200, false],
      [200, false],
    ])
    expect(dumps).toEqual([])
    const line = fault === 'start' ? FAILED : /^profview: requests are served unprofiled: .*$/
    expect(said).toEqual([expect.stringMatching(line)])
  })
})

function otherAbi(): string {
  const code = `Object.defineProperty(process.versions, 'modules', { value: '1' })`
  return `data:text/javascript,${encodeURIComponent(code)}`
}
