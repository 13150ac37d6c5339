/**
 * Is a compiled text the one that ran? Where a profile does not say (no hash), its functions do: in
 * the right text each begins at its place and has its name. Of 3,053 named functions of TypeScript,
 * Rollup and Vite all did that `headerAt` has a name for, but for constructors.
 */
import { ANONYMOUS } from '../profile/frames.js'
import type { Frame, Profile } from '../profile/profile.js'
import { headerAt } from './function-header.js'

/** `other`: it is another text; `unproven`: nothing says that it is this one. */
export type TextVerdict = 'same' | 'other' | 'unproven'

export class TextProof {
  /** Functions that their text does not have, of files that are the same for all that. */
  readonly absent = new Set<Frame>()
  readonly #frames: readonly Frame[]
  #byFile: Map<string, Frame[]> | null = null

  constructor({ frames }: Pick<Profile, 'frames'>) {
    this.#frames = frames
  }

  of(file: string, lines: readonly string[]): TextVerdict {
    this.#byFile ??= functionsByFile(this.#frames)
    return verdictOn(this.#byFile.get(file) ?? [], lines, this.absent)
  }
}

// --- internal ---

/** One of so many may have a name that its text does not show. */
const RARE = 20
/** So many functions without a name begin where they should by chance only once in a thousand. */
const ENOUGH_NAMELESS = 3

/** Whatever a file is, its own code begins with its first character: that says nothing. */
function functionsByFile(frames: readonly Frame[]): Map<string, Frame[]> {
  const byFile = new Map<string, Frame[]>()
  for (const frame of frames) {
    const { file, line, column, generated } = frame
    if (generated || file === '' || line === 0 || (line === 1 && column === 1)) continue
    const others = byFile.get(file)
    if (others === undefined) byFile.set(file, [frame])
    else others.push(frame)
  }
  return byFile
}

function verdictOn(
  functions: readonly Frame[],
  lines: readonly string[],
  absent: Set<Frame>,
): TextVerdict {
  let named = 0
  let nameless = 0
  for (const each of functions) {
    const text = lines[each.line - 1] ?? ''
    const sign = each.column === 0 ? signOnLine(each, text) : signAt(each, text)
    if (sign === 'named') named++
    else if (sign === 'nameless') nameless++
    else absent.add(each)
  }
  const wrong = functions.length - named - nameless
  if (wrong * RARE > named + nameless) return 'other'
  if (named > 0 || nameless >= ENOUGH_NAMELESS) return 'same'
  return 'unproven'
}

type Sign = 'named' | 'nameless' | 'wrong'

function signAt({ name, column }: Frame, text: string): Sign {
  const { name: written } = headerAt(text, column)
  if (written !== '' && written === ownPart(name)) return 'named'
  if (!isBeginning(text.slice(column - 1, column + 200))) return 'wrong'
  // A class is called as its constructor; other names are what V8 makes of the code around.
  const maySayNothing = written === '' || written === 'constructor' || name === ANONYMOUS
  return maySayNothing || name.startsWith('<') ? 'nameless' : 'wrong'
}

/** Which function of the line it is, nobody knows. */
function signOnLine({ name }: Frame, text: string): Sign {
  if (name === ANONYMOUS) return /=>|\bfunction\b|\(/.test(text) ? 'nameless' : 'wrong'
  const words: readonly string[] = text.match(/[\w$#]+/g) ?? []
  if (words.includes(ownPart(name))) return 'named'
  return words.includes('constructor') || words.includes('class') ? 'nameless' : 'wrong'
}

/** Of `exports.load`, `get size`, `Store.#read`. */
function ownPart(name: string): string {
  return /[\w$#]+$/.exec(name)?.[0] ?? name
}

/** Of a function: its parameters, for V8; its name or first word, for others. */
function isBeginning(text: string): boolean {
  return /^(async\s*)?\(|^(async\s+)?[\w$]+\s*=>|^(async|function|class|static|get|set)\b|^\*?\s*[\w$#]+\s*\(/.test(
    text,
  )
}
