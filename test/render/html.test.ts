import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeProfile } from '../../src/formats/registry.js'
import type { BuiltPage } from '../../src/render/built-page.js'
import { htmlOf } from '../../src/render/html.js'
import { dumpOf } from '../support/meta.js'
import { formatTree } from '../support/trees.js'

const SCRIPT = 'const a = "$& $1 </body> <title>profview</title>"'
const STYLE = 'a::before { content: "</head>" }'
const PAGE: BuiltPage = {
  html: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>profview</title>
    <link rel="icon" href="./icon.svg">
    <script type="module" src="./page.js"></script>
    <link rel="stylesheet" href="./page.css">
  </head>
  <body>
    <div id="app"></div>
  </body>
</html>
`,
  icon: { tag: '<link rel="icon" href="./icon.svg">', text: '<svg/>' },
  script: { tag: '<script type="module" src="./page.js"></script>', text: SCRIPT },
  style: { tag: '<link rel="stylesheet" href="./page.css">', text: STYLE },
}

const dumps = [
  dumpOf('main;query;[await] timer 40000\nmain;render 2000'),
  dumpOf('main;report 9000', { id: 'b2' }),
]

function unpack(html: string, id: string): Buffer {
  const text = new RegExp(`<script type="application/gzip;base64" id="${id}">([^<]*)</script>`)
  return gunzipSync(Buffer.from(text.exec(html)![1]!, 'base64'))
}

test('puts the files of the page into it, and the policy in front of them', () => {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const html = htmlOf(PAGE, [dumps[0]!]).replaceAll(/(;base64" id="[\w-]+">)[^<]*/g, '$1…')
  expect(html).toBe(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${[
      "default-src 'none'",
      `script-src ${hash(SCRIPT)}`,
      `style-src ${hash(STYLE)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; ')}">
    <title>GET /users/:id · profview</title>
    <link rel="icon" href="data:image/svg+xml;base64,PHN2Zy8+">
    <script type="module">${SCRIPT}</script>
    <style>${STYLE}</style>
  </head>
  <body>
    <div id="app"></div>
  <script type="application/gzip;base64" id="profview-index">…</script>
<script type="application/gzip;base64" id="profview-profile-0">…</script>
</body>
</html>
`)
})

test('holds each profile whole, and the index of them', () => {
  const html = htmlOf(PAGE, dumps)
  for (const [i, dump] of dumps.entries()) {
    const profile = decodeProfile(unpack(html, `profview-profile-${i}`), 'x.cpuprofile')
    expect(formatTree(profile)).toEqual(formatTree(dump))
    expect(profile.sources).toEqual(dump.sources)
  }
  expect(JSON.parse(String(unpack(html, 'profview-index')))).toMatchObject([
    { id: '0', file: 'GET /users/:id', weight: 42_000, unit: 'microseconds', meta: { id: 'a1' } },
    { id: '1', file: 'GET /users/:id', weight: 9000, unit: 'microseconds', meta: { id: 'b2' } },
  ])
})
