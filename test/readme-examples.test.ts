/** Each example of the documents is run, and what guards is closed until somebody opens it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Dumps, ROOT, runScript } from './support/app.js'

const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
/** A block that begins with a file's name is a whole app, and has tests of its own. */
const EXAMPLES = DOCUMENTS.flatMap((document) => {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return Array.from(text.matchAll(/^```js\n(?!\/\/ \S+\.js\n)(.*?)^```$/gms), ([, code]) => code!)
})

/** Of whoever reads them. */
const THEIRS = `
  const importUsers = async () => 'users'
  const requireAdmin = (request, response, next) => response.sendStatus(403)
`
/** Asks by each of these keys, and the viewer; prints who was profiled, and the viewer's status. */
const ASK = `
  app.get('/', (request, response) => response.send('x'))
  const server = app.listen(0, '127.0.0.1', async () => {
    const url = 'http://127.0.0.1:' + server.address().port
    const profiled = []
    for (const key of [null, '', 'undefined', 'null', 'secret']) {
      const headers = { 'x-profile': '1', ...(key === null ? {} : { 'x-ops-key': key }) }
      profiled.push((await fetch(url, { headers })).headers.has('x-profile-id'))
    }
    console.log(JSON.stringify({ profiled, viewer: (await fetch(url + '/ops/profiles/')).status }))
    server.close()
    server.closeAllConnections()
  })
`

async function run(example: string, env: Record<string, string> = {}) {
  const isApp = /\bapp\b/.test(example)
  const own = [
    isApp && !example.includes("from 'express'") ? "import express from 'express'" : '',
    isApp && !example.includes('const app') ? 'const app = express()' : '',
    /\bprofiler\(/.test(example) && !example.includes("from 'profview'")
      ? "import { profiler } from 'profview'"
      : '',
  ]
  const script = [...own, THEIRS, example, isApp ? ASK : ''].join('\n')
  const { dir } = new Dumps()
  const ended = await runScript(script, { env: { PROFVIEW_DIR: dir, ...env } })
  expect({
    code: ended.code,
    err: ended.err.replace(/^.*ProfviewWarning.*\n(\(.*\n)?/gm, ''),
  }).toEqual({
    code: 0,
    err: '',
  })
  return ended.out
}

const [ALL, NONE] = [Array(5).fill(true), Array(5).fill(false)]

test.each(EXAMPLES)('%s', async (example) => {
  const out = await run(example)
  if (example.includes('authorize')) expect(JSON.parse(out).profiled).toEqual(NONE)
  else if (example.includes('viewer(')) expect(JSON.parse(out).viewer).toBe(403)
  else if (example.includes('profiler(')) expect(JSON.parse(out).profiled).toEqual(ALL)
  else expect(out).toMatch(/importUsers|ms/)
})

test('authorize opens to the key, where there is one', async () => {
  const example = EXAMPLES.find((text) => text.includes('authorize'))!
  expect(JSON.parse(await run(example, { OPS_KEY: '' })).profiled).toEqual(NONE)
  const opened = [false, false, false, false, true]
  expect(JSON.parse(await run(example, { OPS_KEY: 'secret' })).profiled).toEqual(opened)
})
