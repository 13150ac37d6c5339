/**
 * The README names what there is: every option, variable and command, and no picture that is
 * missing.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { inReadme } from './frameworks/table.mjs'

const ROOT = join(import.meta.dirname, '..')
const readme = read('README.md')

test('every option is in the table', () => {
  const options = bodyOf('ProfilerOptions').filter((name) => name !== 'limits')
  const limits = bodyOf('Limits').map((name) => `limits.${name}`)
  const documented = [...readme.matchAll(/^\| `([a-zA-Z.]+)` \|.*\|.*\|.*\|$/gm)].map(
    ([, name]) => name!,
  )
  expect(documented.sort()).toEqual([...options, ...limits].sort())
})

test('every environment variable is named', () => {
  const used = new Set(read('src/recorder/options.ts').match(/\bPROFVIEW(_[A-Z]+)?\b/g))
  const named = new Set(readme.match(/\bPROFVIEW(_[A-Z]+)?\b/g))
  expect(named).toEqual(used)
})

test('every command is in the table', () => {
  const commands = readdirSync(join(ROOT, 'src/cli/commands')).map((file) => file.slice(0, -3))
  const table = readme.slice(readme.indexOf('| command | does |'))
  const documented = [...table.matchAll(/^\| `([a-z]+) [[<]/gm)].map(([, name]) => name)
  expect(documented.sort()).toEqual(commands.sort())
})

test('its table of frameworks is the one that is tested', () => {
  expect(inReadme(readme)).toBe(readme)
})

test('every file that it links to is there, and no picture is heavy', () => {
  for (const [, path] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    expect(existsSync(join(ROOT, path!)), path).toBe(true)
    if (path!.endsWith('.png')) expect(statSync(join(ROOT, path!)).size).toBeLessThan(300_000)
  }
})

// --- internal ---

/** The members of an interface of the options. */
function bodyOf(name: string): string[] {
  const [, body] = new RegExp(`interface ${name}[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(
    read('src/recorder/options.ts'),
  )!
  return [...body!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member!)
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
