import { ACCOUNT_INDEX } from '../../profile/accounts.js'
import { ROOT_STACK } from '../../profile/builder.js'
import { type FrameKind, frameKind, IDLE } from '../../profile/frames.js'
import type { Frame, Profile } from '../../profile/profile.js'
import { accountOfStacks } from '../../profile/stack-accounts.js'
import type { ByteWriter } from '../shared/byte-writer.js'
import type { FirefoxThread } from './threads.js'

type Category = readonly [name: string, color: string]

const GREY: Category = ['Unknown', 'grey']
/** The one that the profiler knows by its name: a thread of nothing else is hidden. */
const NOTHING: Category = ['Idle', 'transparent']
/** What time is spent in, in the Firefox Profiler's colours. The grey one is its default. */
const CATEGORIES: Readonly<Record<FrameKind, Category>> = {
  unknown: GREY,
  root: GREY,
  app: ['JavaScript', 'yellow'],
  library: ['Library', 'blue'],
  node: ['Node', 'green'],
  native: ['Native', 'darkgrey'],
  gc: ['GC', 'purple'],
  offcpu: ['Off-CPU', 'brown'],
  await: ['Await', 'lightblue'],
  blocked: ['Blocked', 'red'],
  profiler: ['Profiler', 'magenta'],
}
const DISTINCT = [...new Set([...Object.values(CATEGORIES), NOTHING])]

export const CATEGORY_LIST = DISTINCT.map(([name, color]) => ({
  name,
  color,
  subcategories: ['Other'],
}))

export function categoryOf(kind: FrameKind): number {
  return DISTINCT.indexOf(CATEGORIES[kind])
}

/** A thread that idles waits for nothing in particular, as a request does. */
function categoryOfFrame(frame: Frame): number {
  const isIdle = frame.name === IDLE && frame.file === ''
  return isIdle ? DISTINCT.indexOf(NOTHING) : categoryOf(frameKind(frame))
}

/** A thread's own strings, numbered in the order in which they are asked for. */
export class FirefoxStrings {
  readonly #indexes = new Map<string, number>()

  indexOf(text: string): number {
    let index = this.#indexes.get(text)
    if (index === undefined) {
      index = this.#indexes.size
      this.#indexes.set(text, index)
    }
    return index
  }

  write(out: ByteWriter): void {
    const texts = [...this.#indexes.keys()]
    writeColumn(out, 'stringArray', texts.length, (i) => out.text(JSON.stringify(texts[i])))
  }
}

/** `"name":[…]`; `each` writes an element. */
export function writeColumn(
  out: ByteWriter,
  name: string,
  length: number,
  each: (i: number) => void,
): void {
  out.text(`"${name}":[`)
  for (let i = 0; i < length; i++) {
    if (i > 0) out.text(',')
    each(i)
  }
  out.text(']')
}

/** The stacks of a thread's samples, with all above them, and their frames. */
export interface UsedStacks {
  /** Indexes into the profile's tables. */
  readonly stacks: readonly number[]
  readonly frames: readonly number[]
  /** From the profile's stacks to the thread's, -1 for those that it does not use. */
  readonly stackOf: Int32Array
  readonly frameOf: Int32Array
}

/** The root is a stack only where it has time of its own: it would be a caller of everything. */
export function usedStacks({ frames, stacks }: Profile, thread: FirefoxThread): UsedStacks {
  const isUsed = new Uint8Array(stacks.frame.length)
  for (let i = 0; i < thread.stack.length; i++) isUsed[thread.stack.at(i)] = 1
  const rootUsed = isUsed[ROOT_STACK]!
  for (let i = isUsed.length - 1; i > 0; i--) if (isUsed[i]) isUsed[stacks.parent[i]!] = 1
  isUsed[ROOT_STACK] = rootUsed
  const stackOf = new Int32Array(isUsed.length).fill(-1)
  const frameOf = new Int32Array(frames.length).fill(-1)
  const used: number[] = []
  const usedFrames: number[] = []
  for (let i = 0; i < isUsed.length; i++) {
    if (!isUsed[i]) continue
    stackOf[i] = used.push(i) - 1
    const frame = stacks.frame[i]!
    if (frameOf[frame] === -1) frameOf[frame] = usedFrames.push(frame) - 1
  }
  return { stacks: used, frames: usedFrames, stackOf, frameOf }
}

/** A frame is a function: what line of it was running is not known. */
export function writeFrames(
  out: ByteWriter,
  profile: Profile,
  { frames }: UsedStacks,
  strings: FirefoxStrings,
): void {
  const { length } = frames
  const column = (name: string, each: (i: number) => unknown) => {
    writeColumn(out, name, length, (i) => out.text(String(each(i))))
    out.text(',')
  }
  const at = (i: number) => profile.frames[frames[i]!]!
  const isJs = (i: number) => ['app', 'library', 'node'].includes(frameKind(at(i)))
  out.text('"frameTable":{')
  column('address', () => -1)
  column('inlineDepth', () => 0)
  column('category', (i) => categoryOfFrame(at(i)))
  column('subcategory', () => 0)
  column('func', (i) => i)
  for (const name of ['nativeSymbol', 'innerWindowID', 'implementation', 'line', 'column']) {
    column(name, () => null)
  }
  out.text(`"length":${length}},\n"funcTable":{`)
  column('isJS', isJs)
  column('relevantForJS', (i) => !isJs(i))
  column('name', (i) => strings.indexOf(at(i).name))
  column('resource', () => -1)
  column('fileName', (i) => (at(i).file === '' ? null : strings.indexOf(at(i).file)))
  column('lineNumber', (i) => at(i).line || null)
  column('columnNumber', (i) => at(i).column || null)
  out.text(`"length":${length}}`)
}

/** What runs while a request is blocked is that request's blocked time, whoever's code it is. */
export function writeStacks(out: ByteWriter, profile: Profile, used: UsedStacks): void {
  const { frame, parent } = profile.stacks
  const { stacks, stackOf, frameOf } = used
  const ofFrame = profile.frames.map(categoryOfFrame)
  const blocked = categoryOf('blocked')
  const accounts = accountOfStacks(profile)
  const categoryAt = (stack: number) =>
    accounts[stack] === ACCOUNT_INDEX.blocked ? blocked : ofFrame[frame[stack]!]!
  const column = (name: string, each: (stack: number) => number | null) => {
    writeColumn(out, name, stacks.length, (i) => out.text(String(each(stacks[i]!))))
    out.text(',')
  }
  out.text('"stackTable":{')
  column('frame', (stack) => frameOf[frame[stack]!]!)
  column('category', categoryAt)
  column('subcategory', () => 0)
  column('prefix', (stack) => (parent[stack]! <= ROOT_STACK ? null : stackOf[parent[stack]!]!))
  out.text(`"length":${stacks.length}}`)
}
