/**
 * Whoever is named without "up to" or "may" is at fault: without them the request is faster by
 * about what was said, and the client's clock is the judge. Whoever merely ran meanwhile is not
 * named like that.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, POSTGRES, startPostgres } from '../support/databases.js'
import { blockedInTruth } from './judge.js'
import { type Claim, claimOf, claimsOf } from './sentences.js'
import { type Asked, type Program, recordedOf, startProgram } from './truth.js'

/** Ms for which a neighbour is busy. */
const BUSY = 200
const PAIRS = 3
/** µs: a request that takes so much longer is held up. */
const HELD = 60_000
/** Of what was said, so much must be saved at least. */
const SAVED = 0.5
/** By how much the app's clock and the profile's may differ, µs. */
const CLOCKS = 3_000

const BLAME = /^(Blocked|Queued)/
const MACHINE = /Off-CPU: [^.]*the machine gave the CPU to others/

let postgres: Database | null = null
beforeAll(async () => {
  if (POSTGRES) postgres = await startPostgres()
})
afterAll(async () => postgres?.stop())

interface Scene {
  readonly name: string
  /** The request, and who is there with it. */
  readonly asked: readonly [Asked, ...Asked[]]
  /** The same without the culprit. */
  readonly without: readonly [Asked, ...Asked[]]
  /** How its sentence begins. */
  readonly says: RegExp
  readonly needsPostgres?: boolean
}

/** The neighbour is busy for so many ms, or does the same and is not. */
function hogScene(name: string, hog: string, victim: Asked, more: Partial<Scene> = {}): Scene {
  const hogOf = (busy: number) => ({ path: `/hog?id=crowd_hog&${hog}&busy=${busy}` })
  return { name, asked: [victim, hogOf(BUSY)], without: [victim, hogOf(0)], says: BLAME, ...more }
}

function request(path: string, at = 60, saysWhen = false): Asked {
  return { path: `${path}${path.includes('?') ? '&' : '?'}profile=1`, at, saysWhen }
}

const AT_FAULT: readonly Scene[] = [
  hogScene('a neighbour’s timer before its own', '', request('/lateTimer?into=10'), {
    says: /^Blocked/,
  }),
  hogScene('a neighbour’s immediate before its own', 'wait=immediate', request('/lateImmediate'), {
    says: /^Blocked/,
  }),
  hogScene('a neighbour that goes on first', '', request('/latePromise'), { says: /^Blocked/ }),
  hogScene(
    'a neighbour while the database answered',
    '',
    request('/lateAnswer?into=20'),
    // When it answered is not known.
    { says: /^Blocked/, needsPostgres: true },
  ),
  hogScene('a hog while it was sent', 'after=150', request('/busy?busy=1', 220), {
    says: /^Queued/,
  }),
  hogScene('a hog, and it says when it was sent', 'after=150', request('/busy?busy=1', 220, true), {
    says: /^Queued/,
  }),
  {
    name: 'a synchronous wait of its own',
    asked: [request('/offCpu?lock=0&seconds=0.2', 0)],
    without: [request('/offCpu?lock=0&seconds=0', 0)],
    says: /^Off-CPU/,
  },
  {
    name: 'computing of its own',
    asked: [request('/busy?busy=150', 0)],
    without: [request('/busy?busy=0', 0)],
    says: /^CPU/,
  },
]

const NOT_AT_FAULT: readonly Scene[] = [
  hogScene('a neighbour in the middle of a timer', 'after=300', request('/timers?ms=700', 20)),
  {
    name: 'neighbours that come and go in the middle of a timer',
    asked: [
      request('/timers?ms=500', 0),
      ...[150, 700, 1250].map((at) => ({ path: '/hog?after=1&busy=200&id=crowd_hog', at })),
    ],
    without: [request('/timers?ms=50', 0)],
    says: BLAME,
  },
  hogScene('a neighbour before the timer is due', 'after=300', request('/lateTimer?into=300')),
  hogScene(
    'a neighbour long before the database answers',
    'after=300',
    request('/lateAnswer?into=400'),
    { needsPostgres: true },
  ),
  hogScene('a hog that had ended when it was sent', 'after=1', request('/busy?busy=1', 400)),
]

test.each([
  ['Blocked 106 ms by GET /report, up to 87.2 ms of it in add (a.js:36).', 106_000, true],
  ['Blocked 100 to 152 ms by GET /report.', 100_000, true],
  ['Blocked up to 1.20 s by GET /report.', 1_200_000, false],
  ['Off-CPU: 200 of 245 ms in execSync.', 200_000, true],
  ['CPU: 50 % of 12.4 ms in add; 9 samples, +- 30 %.', 6_200, true],
])('%s', (text, micros, isFirm) => {
  expect(claimOf(text)).toEqual({ text, micros, isFirm })
})

async function programFor(scene: Scene): Promise<Program> {
  const settings = scene.needsPostgres && postgres ? { postgres: postgres.port } : {}
  const program = await startProgram({ express: true, ...settings })
  if (scene.needsPostgres) await program.ask({ path: '/prepare' })
  // The code has run, and somebody was profiled before.
  await program.ask(...scene.without)
  return program
}

interface Run {
  /** By the client's clock, µs. */
  readonly took: number
  readonly claims: readonly Claim[]
  /** By the app's, µs. */
  readonly blocked: number
}

let runs = 0

async function run(program: Program, [victim, ...others]: Scene['asked']): Promise<Run> {
  const id = `own_${runs++}`
  const [answer] = await program.ask({ ...victim, path: `${victim.path}&id=${id}` }, ...others)
  expect(answer!.status).toBe(200)
  const [recorded] = await recordedOf(program, id)
  return {
    took: answer!.received - answer!.sent,
    claims: claimsOf(recorded!.profile),
    blocked: blockedInTruth(recorded!),
  }
}

describe('whoever is named', () => {
  test.each(AT_FAULT)('$name', async (scene) => {
    if (scene.needsPostgres && !postgres) return
    const program = await programFor(scene)
    const pairs: { held: Run; free: Run }[] = []
    for (let i = 0; i < PAIRS; i++)
      pairs.push({
        held: await run(program, scene.asked),
        free: await run(program, scene.without),
      })
    // Who comes and waits for the machine as well is no measure.
    const free = Math.min(...pairs.map(({ free }) => free.took))
    const held = pairs.map(({ held }) => ({
      saved: held.took - free,
      blocked: held.blocked,
      said: held.claims.filter(({ text }) => scene.says.test(text)),
      texts: held.claims.map(({ text }) => text).join(' '),
    }))
    // The scene itself, however late the machine lets somebody come.
    const slow = held.filter(
      ({ saved, blocked }) => saved > HELD && (blocked > HELD || !scene.needsPostgres),
    )
    expect(slow.length).toBeGreaterThan(0)
    // Each time it is said, firmly or not; but for what the machine did to it.
    const silent = slow.filter(({ said, texts }) => said.length === 0 && !MACHINE.test(texts))
    expect(silent.map(({ texts }) => texts)).toEqual([])
    const firm = held.map(({ said }) => sum(said.filter((c) => c.isFirm).map((c) => c.micros)))
    const texts = held.map(({ texts }) => texts).join('\n')
    const saved = median(held.map(({ saved }) => saved))
    expect(saved, texts).toBeGreaterThanOrEqual(median(firm) * SAVED)
  })
})

describe('nobody is named for', () => {
  test.each(NOT_AT_FAULT)('$name', async (scene) => {
    if (scene.needsPostgres && !postgres) return
    const program = await programFor(scene)
    const firm: string[] = []
    for (let i = 0; i < PAIRS; i++) {
      const { claims, blocked } = await run(program, scene.asked)
      // The machine may bring somebody so late that the scene is another: then it is true.
      for (const { text, isFirm, micros } of claims)
        if (isFirm && /hog/.test(text) && micros > blocked + CLOCKS) firm.push(text)
    }
    expect(firm).toEqual([])
  })
})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
