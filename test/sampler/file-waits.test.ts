/** A wait for a file is called by the function of Node that was called for it, whatever it does. */
import fs, { createReadStream, createWriteStream } from 'node:fs'
import { access, open, opendir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { waitsByStack } from '../../src/profile/wait-counts.js'
import { temporaryDir } from '../support/app.js'
import { record } from '../support/recorded.js'

const HERE = fileURLToPath(import.meta.url)

/** What was waited for, however short; what has no name is no wait of its own. */
async function namesOf(work: () => Promise<unknown>): Promise<string[]> {
  const recorded = await record(work)
  const names = [...waitsByStack(recorded).keys()].map(
    (stack) => recorded.frames[recorded.stacks.frame[stack]!]!.name,
  )
  return [...new Set(names)].filter((name) => name !== '[await]').sort()
}

const WORK: [string, () => Promise<unknown>, string[]][] = [
  ['promised', () => readFile(HERE), ['readFile']],
  ['called back', () => new Promise((done) => fs.readFile(HERE, done)), ['readFile']],
  ['promisified', () => promisify(fs.readFile)(HERE), ['readFile']],
  ['state', () => stat(HERE), ['stat']],
  ['access', () => access(HERE), ['access']],
  ['a new file', () => writeFile(join(temporaryDir(), 'x'), 'x'), ['writeFile']],
  [
    'one after another',
    async () => {
      await readFile(HERE)
      await stat(HERE)
      await access(HERE)
    },
    ['access', 'readFile', 'stat'],
  ],
  [
    'one in the callback of another',
    () =>
      new Promise((done) => {
        fs.readFile(HERE, () => fs.stat(HERE, () => fs.access(HERE, done)))
      }),
    ['access', 'readFile', 'stat'],
  ],
  [
    'an open file',
    async () => {
      const file = await open(HERE)
      await file.read(Buffer.alloc(10), 0, 10, 0)
      await file.close()
    },
    ['close', 'open', 'read'],
  ],
  [
    'all of an open file',
    async () => {
      const file = await open(HERE)
      await file.readFile()
      await file.close()
    },
    ['close', 'open', 'readFile'],
  ],
  [
    'a stream',
    () =>
      new Promise((done) =>
        createReadStream(HERE)
          .on('data', () => {})
          .on('close', () => done(null)),
      ),
    ['createReadStream'],
  ],
  [
    'a stream, piece by piece',
    async () => {
      for await (const _piece of createReadStream(HERE, { highWaterMark: 500 }));
    },
    ['createReadStream'],
  ],
  [
    'from stream to stream',
    () => pipeline(createReadStream(HERE), createWriteStream(join(temporaryDir(), 'x'))),
    ['createReadStream', 'createWriteStream'],
  ],
]

test.each(WORK)('%s', async (_what, work, names) => {
  const told = (await namesOf(work)).map((name) => name.slice('[await] '.length))
  expect(told).toEqual(names)
})

test('a directory', async () => {
  const told = await namesOf(async () => {
    for await (const _entry of await opendir(dirname(HERE)));
  })
  expect(told).toContain('[await] opendir')
  for (const name of told) expect(name).toMatch(/^\[await\] (opendir|close|read)$/)
})
