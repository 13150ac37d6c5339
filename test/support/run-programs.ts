/** Programs for `profview run`, and what is read of the tree that it prints as JSON. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { DumpMeta } from '../../src/profile/profile.js'
import { readProfileFile } from '../../src/store/profile-file.js'
import { type Outcome, profview } from './cli.js'

/** For so long on the CPU: on a busy machine time alone passes without a sample. */
export const SPIN = `
  const used = (from) => Object.values(process.cpuUsage(from)).reduce((sum, each) => sum + each)
  function spin(ms) { const from = process.cpuUsage(); while (used(from) < ms * 1000); }
`

/** In a folder of their own, in which a run leaves nothing of ours behind. */
export class WrittenPrograms {
  cwd = ''

  readonly environment = () => ({ TMPDIR: join(this.cwd, 'tmp'), TEMP: join(this.cwd, 'tmp') })

  readonly run = (args: readonly string[], env: Record<string, string> = {}): Outcome =>
    profview(['run', ...args], { cwd: this.cwd, env: { ...this.environment(), ...env } })
}

/** What the dumps there say of themselves. */
export function dumpsIn(dir: string): DumpMeta[] {
  // How many there were in a minute is noted there, too.
  const names = readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))
  return names.flatMap((name) => readProfileFile(join(dir, name)).sources)
}

export function writtenPrograms(texts: Readonly<Record<string, string>>): WrittenPrograms {
  const programs = new WrittenPrograms()
  beforeAll(() => {
    programs.cwd = mkdtempSync(join(tmpdir(), 'profview-run-test-'))
    mkdirSync(join(programs.cwd, 'tmp'))
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(programs.cwd, name), text)
  })
  afterAll(() => rmSync(programs.cwd, { recursive: true, force: true }))
  afterEach(() => {
    // Node's own cache of compiled code may be there.
    const left = readdirSync(join(programs.cwd, 'tmp'))
    const ours = left.filter((name) => name.startsWith('profview'))
    expect(ours, 'nothing is left behind').toEqual([])
  })
  return programs
}

interface TreeNode {
  readonly name: string
  readonly kind: string
  readonly totalMicros: number
  readonly children: readonly TreeNode[]
}

/**
 * `main › load › [await] timer 60 ms`: waits of so many ms or more, by the program’s own code, and
 * by the requests in it.
 */
export function waitsIn(json: string, leastMs: number): string[] {
  const told: string[] = []
  const visit = (node: TreeNode, above: readonly string[], depth: number) => {
    if (node.kind === 'await') {
      if (node.totalMicros >= leastMs * 1000) told.push([...above, node.name].join(' › '))
      return
    }
    const isOwn = node.kind === 'app' && node.name !== '(anonymous)'
    const isRequest = depth === 1 && REQUEST.test(node.name)
    const path = isOwn || isRequest ? [...above, node.name] : above
    for (const child of node.children) visit(child, path, depth + 1)
  }
  visit(treeOf(json), [], 0)
  return told
}

/** What stands at the first level of the tree, of requests. */
export function requestsIn(json: string): string[] {
  const names = treeOf(json).children.map(({ name }) => name)
  return names.filter((name) => REQUEST.test(name)).sort()
}

/** Time in a function, ms, as `--json` tells it. */
export function millisIn(name: string, json: string): number {
  const pending = [treeOf(json)]
  let micros = 0
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.name === name) micros += node.totalMicros
    else pending.push(...node.children)
  }
  return micros / 1000
}

// --- internal ---

const REQUEST = /^(GET|POST)\b/

function treeOf(json: string): TreeNode {
  return JSON.parse(json.slice(json.indexOf('{'))).tree
}
