/** `node --import`: compiles `.mts` while it is loaded, as tsx does: on one line, with names. */
import { readFileSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

function compile(url, context, nextLoad) {
  if (!url.endsWith('.mts')) return nextLoad(url, context)
  const file = fileURLToPath(url)
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: `node${process.versions.node}`,
    keepNames: true,
    minifyWhitespace: true,
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: file,
  })
  return { format: 'module', source: code, shortCircuit: true }
}

export const load = compile

if (!import.meta.url.endsWith('?hooks')) {
  process.setSourceMapsEnabled(true)
  if (module.registerHooks) module.registerHooks({ load: compile })
  else module.register(`${import.meta.url}?hooks`)
}
