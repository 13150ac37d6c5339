/** Answers that a driver hands on by an immediate are what was waited for, if not immediates. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profile } from '../../src/profile/profile.js'
import { Connection, type Database, startDatabase } from '../support/pooled.js'
import { asBystander, record } from '../support/recorded.js'
import { burn } from '../support/waits.mjs'

let database: Database
beforeAll(async () => {
  database = await startDatabase()
})
afterAll(() => database.stop())

/** The answer comes by an immediate that is made when it is there. */
function ask(connection: Connection): Promise<void> {
  return new Promise((resolve) =>
    connection.query(
      () => {},
      () => void setImmediate(resolve),
    ),
  )
}

/** Waits by name with what was in the way meanwhile, the longest first; none of a few ms. */
function wordsOf({ samples, stacks, frames }: Profile): string[] {
  const byWords = new Map<string, number>()
  samples.stack.forEach((stack, i) => {
    const names: string[] = []
    for (let at = stack; at > 0; at = stacks.parent[at]!)
      names.push(frames[stacks.frame[at]!]!.name)
    const words = names.find((name) => name.startsWith('[await] '))?.slice('[await] '.length)
    if (words !== undefined) byWords.set(words, (byWords.get(words) ?? 0) + samples.weight[i]!)
  })
  const long = [...byWords].filter(([, micros]) => micros > 5000)
  return long.sort(([, a], [, b]) => b - a).map(([words]) => words)
}

test.each([0, 16])('an answer, among %s others on the same connection', async (others) => {
  const connection = new Connection(database.port)
  await ask(connection)
  const crowd = Array.from({ length: others }, (_, i) =>
    asBystander(`GET /${i}`, async () => {
      for (let round = 0; round < 5; round++) await ask(connection)
    }),
  )
  const recorded = await record(async () => {
    for (let round = 0; round < 5; round++) await ask(connection)
  })
  await Promise.all(crowd)
  connection.end()
  // Our own immediates may be behind somebody else's code, each for a little.
  expect(wordsOf(recorded)[0]).toBe(`TCP 127.0.0.1:${database.port}`)
})

test('immediates, where they were asked for', async () => {
  let isOver = false
  const others = asBystander('GET /busy', async () => {
    while (!isOver) {
      burn(0.2)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const recorded = await record(async () => {
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve))
    isOver = true
  })
  await others
  expect(wordsOf(recorded)[0]).toBe('immediate')
})
