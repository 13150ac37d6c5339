/**
 * The same conversations with an app that is bare and with one that has the profiler: the same
 * bytes but for our own headers, the same events of each request, the same end.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { randomFrom } from '../../bench/support/random.mjs'
import { startServer } from './child.mjs'
import { conversation, converse, normalised, profiledIn } from './conversations.mjs'

/** How the profiler is mounted in the apps that are compared with the bare one. */
const MOUNTS = {
  triggers: {},
  slow: { slow: 5, interval: 5 },
  all: { mode: 'all', interval: 0.5 },
  share: { mode: 0.3, arm: 'trigger', awaits: false },
}

/**
 * Goes on until `until(conversations)` says no. `differences` are texts, each of one conversation
 * or of one app's end.
 */
export async function replay({ seed, until, atOnce = 6 }) {
  const dir = mkdtempSync(join(tmpdir(), 'profview-replay-'))
  const random = randomFrom(seed)
  const found = { seed, conversations: 0, profiled: 0, written: 0, differences: [] }
  const apps = await Promise.all([
    start('bare', null),
    ...Object.entries(MOUNTS).map(([name, options]) => {
      const limits = { perMinute: 1e9, files: 200 }
      return start(name, { dir: join(dir, name), limits, ...options })
    }),
  ])
  const uncut = new Set()
  const talk = async () => {
    while (until(found.conversations) && found.differences.length < MAX_DIFFERENCES) {
      const index = found.conversations++
      const said = conversation(random, index)
      const bytes = await Promise.all(apps.map(({ port }) => converse(port, said)))
      compareTexts(said, bytes, apps, found)
      if (said.cut === null) uncut.add(said.id)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, talk))
  compareEnds(await Promise.all(apps.map(end)), uncut, found)
  rmSync(dir, { recursive: true, force: true })
  return found
}

// --- internal ---

const MAX_DIFFERENCES = 5
async function start(name, options) {
  return Object.assign(await startServer({ options }), { name })
}

async function end(app) {
  const told = (await app.ask('end')) ?? { events: [], listeners: null, written: 0 }
  const { events, listeners, written } = told
  const [code, signal] = await app.exited
  // What fails in the app is told with its stack, in which we may be seen; how often, and whether a
  // stream was cut, by who leaves.
  const lines = app.errors.split('\n').filter((line) => /^\w*Error|warning/i.test(line))
  const errors = [...new Set(lines)].filter((line) => !CHANCE.test(line)).sort()
  const rest = { code, signal, listeners, errors }
  return { name: app.name, written, events: new Map(events), rest }
}

const CHANCE = /ProfviewWarning|--trace-warnings|ERR_STREAM_PREMATURE_CLOSE|^Error: aborted/

function compareTexts(said, [bare, ...profiled], [, ...apps], found) {
  const { title, pieces, cut } = said
  const expected = comparable(bare, said)
  for (const [i, bytes] of profiled.entries()) {
    found.profiled += profiledIn(bytes)
    const text = comparable(bytes, said)
    if (cut === null ? text === expected : alike(text, expected)) continue
    const asked = pieces.map((piece) => JSON.stringify(piece.toString('latin1').slice(0, 300)))
    found.differences.push(
      `${apps[i].name}: ${title}\n${asked.join('\n')}\n${firstDifference(expected, text)}`,
    )
  }
}

/** Of who has left we know how its answer began. */
function alike(a, b) {
  const length = Math.min(a.length, b.length)
  return a.slice(0, length) === b.slice(0, length)
}

/** Of what is cut only whole lines: half a header of ours cannot be told from one of the app's. */
function comparable(bytes, { pieces, cut }) {
  const whole = cut === null ? bytes : bytes.subarray(0, bytes.lastIndexOf('\r\n') + 2)
  return normalised(whole, Buffer.concat(pieces).includes('profile=1'))
}

function firstDifference(expected, text) {
  let at = 0
  while (at < expected.length && expected[at] === text[at]) at++
  const around = (all) => JSON.stringify(all.slice(Math.max(0, at - 200), at + 200))
  return `at ${at} of ${expected.length} and ${text.length}:\n${around(expected)}\n${around(text)}`
}

function compareEnds([bare, ...profiled], uncut, found) {
  for (const { name, written, events, rest } of profiled) {
    found.written += written
    if (!isDeepStrictEqual(rest, bare.rest)) {
      found.differences.push(`${name}: ${JSON.stringify(rest)}, bare: ${JSON.stringify(bare.rest)}`)
    }
    for (const [id, expected] of bare.events) {
      if (!uncut.has(id.split('.')[0]) || isDeepStrictEqual(events.get(id), expected)) continue
      const said = [expected, events.get(id)].map((each) => JSON.stringify(each))
      found.differences.push(`${name}: ${id}: ${said.join(', with us ')}`)
    }
  }
}
