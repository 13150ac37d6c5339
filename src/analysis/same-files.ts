/**
 * Which file of one checkout is which of another: by its path, by its path in its package, by its
 * path below the root that most files agree on.
 *
 *     /home/ann/shop/src/a/index.js     =  file:///ci/build/7/src/a/index.js
 *     /home/ann/node_modules/x/x.js     =  /ci/node_modules/.pnpm/x@1.2.0/node_modules/x/x.js
 */
import { ANONYMOUS } from '../profile/frames.js'
import type { Frame } from '../profile/profile.js'
import { onlyPairs } from './only-pairs.js'
import { haveCommon } from './shapes.js'

/** How a file of the one side is called on the other; null: there is none that could be it. */
export type FileThere = (file: string) => string | null

export function sameFiles(here: readonly Frame[], there: readonly Frame[]): FileThere {
  const pairs = new Map<string, string>()
  const left = new Files(here)
  const right = new Files(there)
  const pair = (file: string, other: string) => {
    pairs.set(file, other)
    left.remove(file)
    right.remove(other)
  }
  for (const file of left.all()) if (right.has(file)) pair(file, file)
  // With versions where paths have them, then without.
  for (const from of ['indexOf', 'lastIndexOf'] as const) {
    const keyOf = (file: string) => packagePath(partsOf(file), from)
    for (const [file, other] of onlyPairs(left.all(), right.all(), keyOf)) pair(file, other)
  }
  const roots: Root[] = []
  while (roots.length < MOST_ROOTS) {
    const root = commonRoot(left, right)
    if (root === null) break
    roots.push(root)
    for (const [file, other] of root.files) pair(file, other)
  }
  return (file) => pairs.get(file) ?? movedTo(file, roots)
}

// --- internal ---

/** Folders of a checkout that lie elsewhere than it; each takes a look at all files. */
const MOST_ROOTS = 8

/** The files of one side that have no other yet, with the functions that were seen in them. */
class Files {
  readonly #functions = new Map<string, Set<string>>()
  readonly #parts = new Map<string, readonly string[]>()

  constructor(frames: readonly Frame[]) {
    for (const frame of frames) {
      const { file } = frame
      if (!/[\\/]/.test(file)) continue
      let functions = this.#functions.get(file)
      if (functions === undefined) {
        functions = new Set()
        this.#functions.set(file, functions)
        this.#parts.set(file, partsOf(file))
      }
      const sign = signOf(frame)
      if (sign !== '') functions.add(sign)
    }
  }

  all(): string[] {
    return [...this.#functions.keys()]
  }

  /** Those that are in no package. */
  own(): string[] {
    return this.all().filter((file) => !this.partsOf(file).includes('node_modules'))
  }

  has(file: string): boolean {
    return this.#functions.has(file)
  }

  remove(file: string): void {
    this.#functions.delete(file)
  }

  functionsIn(file: string): ReadonlySet<string> {
    return this.#functions.get(file)!
  }

  partsOf(file: string): readonly string[] {
    return this.#parts.get(file)!
  }
}

/** What tells a function from others; '': it is in any file. */
function signOf({ name, line, column }: Frame): string {
  if (name !== ANONYMOUS) return name
  return line <= 1 && column <= 1 ? '' : `${line}:${column}`
}

/** Two folders. */
interface Root {
  /** Of a path on this side, in parts. */
  readonly here: readonly string[]
  /** As the other side writes it, with the separator behind it. */
  readonly there: string
  readonly files: [file: string, other: string][]
}

interface Vote extends Root {
  weight: number
}

/** As parts, however it is written. */
function partsOf(file: string): string[] {
  const path = file.replace(/^file:\/\//, '')
  const parts = path.split(/[\\/]/)
  return path === file ? parts : parts.map(decoded)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** '': it is in none. Of packages inside each other the outermost (`indexOf`) or the innermost. */
function packagePath(parts: readonly string[], from: 'indexOf' | 'lastIndexOf'): string {
  const at = parts[from]('node_modules')
  return at === -1 ? '' : parts.slice(at + 1).join('/')
}

/** The pair of folders below which most files have functions in common; null: none has. */
function commonRoot(left: Files, right: Files): Root | null {
  const byName = new Map<string, string[]>()
  for (const other of right.own()) {
    const name = right.partsOf(other).at(-1)!
    const others = byName.get(name)
    if (others === undefined) byName.set(name, [other])
    else others.push(other)
  }
  const votes = new Map<string, Vote>()
  for (const file of left.own()) {
    const parts = left.partsOf(file)
    for (const other of byName.get(parts.at(-1)!) ?? []) {
      const same = countSame(parts, right.partsOf(other))
      const areAlike = haveCommon(left.functionsIn(file), right.functionsIn(other))
      if (same === 1 && !areAlike) continue
      const here = parts.slice(0, -same)
      const there = rootOf(other, same)
      const key = `${here.join('/')}\n${there}`
      const vote = votes.get(key) ?? { weight: 0, here, there, files: [] }
      if (areAlike) vote.weight += same
      vote.files.push([file, other])
      votes.set(key, vote)
    }
  }
  const [best] = [...votes.values()].sort((a, b) => b.weight - a.weight)
  return best !== undefined && best.weight > 0 ? best : null
}

/** How many parts at their ends are the same. */
function countSame(some: readonly string[], others: readonly string[]): number {
  let same = 0
  const most = Math.min(some.length, others.length) - 1
  while (same < most && some[some.length - 1 - same] === others[others.length - 1 - same]) same++
  return same
}

/** The path but for so many parts at its end, as it is written. */
function rootOf(file: string, parts: number): string {
  let at = file.length
  for (let i = 0; i < parts; i++) {
    at = Math.max(file.lastIndexOf('/', at - 1), file.lastIndexOf('\\', at - 1))
  }
  return file.slice(0, at + 1)
}

/** A file that was not seen there, below a root that others are below, too. */
function movedTo(file: string, roots: readonly Root[]): string | null {
  const parts = partsOf(file)
  for (const { here, there } of roots) {
    if (here.length >= parts.length || here.some((part, i) => part !== parts[i])) continue
    return `${there}${parts.slice(here.length).join(there.at(-1))}`
  }
  return null
}
