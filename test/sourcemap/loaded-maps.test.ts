/** Maps that Node has of a program that was compiled while it was loaded. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT, runNode, temporaryDir } from '../support/app.js'

const LOADER = pathToFileURL(join(ROOT, 'test/support/esbuild-loader.mjs')).href
const MAPS = JSON.stringify(pathToFileURL(join(ROOT, 'dist/sourcemap/loaded-maps.js')).href)

const TEXT = `export interface Shop { id: number }

export const load = async (id: number): Promise<Shop> => {
  return { id }
}
`

/** What is said of functions of `shop.mts`, which a loader has put on one line. */
async function originalsOf(places: readonly [line: number, column: number][], prepare = '') {
  const dir = temporaryDir()
  const file = join(dir, 'shop.mts')
  writeFileSync(file, TEXT)
  const start = join(dir, 'start.mjs')
  writeFileSync(
    start,
    `import fs from 'node:fs'
    import { LoadedMaps } from ${MAPS}
    const file = ${JSON.stringify(file)}
    await import(${JSON.stringify(pathToFileURL(file).href)})
    ${prepare}
    const maps = new LoadedMaps()
    const frames = ${JSON.stringify(places)}.map(([line, column]) => ({ name: 'f', file, line, column }))
    const others = [{ ...frames[0], file: 'node:fs' }, { ...frames[0], file: file + 'x' }]
    console.log(JSON.stringify([...frames, ...others].map((frame) => maps.of(frame))))`,
  )
  const { out, err } = await runNode(['--import', LOADER, start])
  if (err !== '') throw new Error(err)
  return (JSON.parse(out) as { line: number; column: number; generated?: object }[]).map(
    ({ line, column, generated }) => `${line}:${column}${generated ? ' mapped' : ''}`,
  )
}

/** What the loader's helper and the arrow take of its one line, up to the arrow. */
const HELPER =
  'var __defProp=Object.defineProperty;var __name=(target,value)=>__defProp(target,"name",{value,configurable:true});'
const ARROW: [number, number] = [1, `${HELPER}export const load=__name(`.length + 1]
const AS_IT_WAS = ARROW.join(':')

test('lead to the place in the source, also when it has changed or is gone', async () => {
  const expected = ['3:28 mapped', '1:1 mapped', '90:1', AS_IT_WAS, AS_IT_WAS]
  const places: [number, number][] = [ARROW, [1, 1], [90, 1]]
  expect(await originalsOf(places)).toEqual(expected)
  expect(await originalsOf(places, "fs.writeFileSync(file, 'nothing')")).toEqual(expected)
  expect(await originalsOf(places, 'fs.rmSync(file)')).toEqual(expected)
})

test('are not asked for while the app does not want any', async () => {
  const off = 'process.setSourceMapsEnabled(false)'
  expect(await originalsOf([ARROW], off)).toEqual([AS_IT_WAS, AS_IT_WAS, AS_IT_WAS])
})

test('of a file that names its own are left to who reads the dump', async () => {
  const compiled = [
    "fs.appendFileSync(file, '\\n//# sourceMappingURL=shop.mjs.map\\n')",
    'fs.utimesSync(file, 0, 0)',
  ].join(';')
  expect((await originalsOf([ARROW], compiled))[0]).toBe(AS_IT_WAS)
})
