/** Profiles that the tools of `npm ci` record in the test run, of the program `burn.mjs`. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Page } from 'playwright-core'
import { temporaryDirectory } from '../shop.js'

export interface Recording {
  readonly name: string
  readonly bytes: Uint8Array
}

const HERE = import.meta.dirname
const ROOT = join(HERE, '../../..')
const PROGRAM = join(HERE, 'burn.mjs')

/** Node's own flag: the main thread’s file, and that of a worker thread. */
export function nodeFlag(): Recording[] {
  return recordIn((dir) => node(dir, '--cpu-prof', PROGRAM, '--worker'))
}

/** `Profiler.stop` of the inspector, its answer saved as it came. */
export function inspectorReply(): Recording[] {
  return recordIn((dir) => node(dir, join(HERE, 'inspected.mjs'), 'reply.cpuprofile'))
}

/** A bundle without names and line breaks. */
export function bundled(): Recording[] {
  return recordIn((dir) => {
    const outfile = join(dir, 'bundle.mjs')
    const options = { bundle: true, minify: true, platform: 'node', format: 'esm' } as const
    buildSync({ entryPoints: [PROGRAM], outfile, ...options })
    node(dir, '--cpu-prof', outfile)
  })
}

/** The compiler’s profile of itself. */
export function compiler(): Recording[] {
  return recordIn((dir) => {
    writeFileSync(join(dir, 'small.ts'), 'export const half = (of: number): number => of / 2\n')
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    node(dir, tsc, '--generateCpuProfile', 'tsc.cpuprofile', '--skipLibCheck', 'small.ts')
  })
}

/** The bundler’s profile of a build. */
export function bundler(): Recording[] {
  return recordIn((dir) => {
    copyFileSync(PROGRAM, join(dir, 'burn.mjs'))
    writeFileSync(join(dir, 'index.html'), '<script type="module" src="./main.js"></script>')
    writeFileSync(join(dir, 'main.js'), 'import { burn } from "./burn.js"\nburn(1)\n')
    writeFileSync(join(dir, 'burn.js'), 'export const burn = (ms) => console.log(ms)\n')
    node(dir, join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--profile')
  })
}

/** The sampler that profview uses itself, by its own writer. */
export function datadog(lineNumbers: boolean): Recording[] {
  return recordIn((dir) => node(dir, join(HERE, 'datadog.mjs'), `${lineNumbers}`))
}

/** The page’s profiler, by the DevTools protocol. */
export async function chromiumProfile(page: Page): Promise<Recording[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.start')
  await page.evaluate(IN_PAGE)
  const { profile } = await session.send('Profiler.stop')
  return [{ name: 'page.cpuprofile', bytes: Buffer.from(JSON.stringify(profile)) }]
}

/** A trace, as Playwright has the browser record it. */
export async function chromiumTrace(page: Page): Promise<Recording[]> {
  const browser = page.context().browser()!
  const categories = ['devtools.timeline', 'disabled-by-default-v8.cpu_profiler', '__metadata']
  await browser.startTracing(page, { categories })
  await page.evaluate(IN_PAGE)
  return [{ name: 'trace.json', bytes: await browser.stopTracing() }]
}

// --- internal ---

const IN_PAGE = `(function burnTheCpu() {
  const end = performance.now() + 300
  let sum = 0
  while (performance.now() < end) for (let i = 0; i < 1e5; i++) sum += i % 7
  return sum
})()`

/** The profiles that are in the directory afterwards. */
function recordIn(record: (dir: string) => void): Recording[] {
  const { dir, remove } = temporaryDirectory()
  try {
    record(dir)
    return readdirSync(dir)
      .filter((name) => /\.(cpuprofile|pb\.gz)$/.test(name))
      .map((name) => ({ name, bytes: readFileSync(join(dir, name)) }))
  } finally {
    remove()
  }
}

function node(cwd: string, ...args: string[]): void {
  execFileSync(process.execPath, args, { cwd, stdio: 'pipe', env: { PATH: process.env.PATH } })
}
