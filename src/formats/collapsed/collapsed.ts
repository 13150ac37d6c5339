import { currentBudget } from '../../profile/budget.js'
import { ProfileBuilder, ROOT_STACK } from '../../profile/builder.js'
import { Int32Column } from '../../profile/columns.js'
import type { FrameIndex, Profile } from '../../profile/profile.js'
import { baseName, type Format, hasExtension } from '../format.js'
import { bad } from '../shared/bad.js'
import { ByteWriter } from '../shared/byte-writer.js'
import { markInTheWay, unmarkInTheWay } from '../shared/in-the-way.js'
import { pathSizes, requireWritable } from '../shared/path-sizes.js'
import { stackOf } from '../shared/stacks.js'
import { decodeUtf8 } from '../shared/text.js'
import { decodeFrame, encodeFrame } from './frames.js'

const EXTENSIONS = ['.collapsed.txt', '.collapsed', '.folded']
/** How many lines are looked at to tell folded stacks from other text. */
const SNIFF_LINES = 50
const MAX_WARNINGS = 10
/** Of a count with a fraction; what is less is rounded. */
const MOST_PARTS = 1_000_000
const ROUNDING = 1e-6
/** A function and what it calls: text of other kinds has a blank behind its semicolons. */
const CALL = /[^\s;];[^\s;]/
/** Much other text ends its lines in numbers: of so many stacks one has to be deep at least. */
const CALLS_SHARE = 0.2
/** Digits, and what comes between them. */
const LONGEST_COUNT = 25
/** What a line costs; see `Budget`. */
const STEPS_OF_LINE = 4
/** A file of no lines could be anything, and an accident. */
const NO_SAMPLES = '# no samples'
/** Of a field that is known, in a map. */
const BYTES_OF_FIELD = 100

/**
 * Folded stacks, one a line, root first: `main;handler;parse 12`
 * (https://github.com/brendangregg/FlameGraph#2-fold-stacks). The format does not say what it
 * counts: it is read as samples. Lines that begin with `#` are comments.
 */
export const collapsed: Format<'collapsed'> = {
  name: 'collapsed',
  extensions: EXTENSIONS,
  sharedExtensions: ['.txt'],
  detect(bytes, fileName) {
    if (bytes.subarray(0, 1024).includes(0)) return 'no'
    if (hasExtension(fileName, EXTENSIONS)) return 'yes'
    if (isEmpty(bytes)) return 'yes'
    let good = 0
    let deep = 0
    let others = 0
    for (const line of linesOf(bytes.subarray(0, 64 * 1024))) {
      if (isComment(line)) continue
      const parsed = parseLine(line)
      if (parsed === null) others += Number(line !== '' && !line.startsWith('//'))
      else {
        good++
        deep += Number(CALL.test(parsed.stack))
      }
      if (good + others === SNIFF_LINES) break
    }
    return good > others && deep >= good * CALLS_SHARE ? 'maybe' : 'no'
  },
  read: (bytes, fileName) => readCollapsed(bytes, fileName),
  write: writeCollapsed,
}

// --- internal ---

/**
 * Lines that are no stack become warnings, unless none is one: then it is the wrong file. Weights
 * are whole: those with fractions are told in tenths, hundredths, … of which there are `parts`.
 */
function readCollapsed(bytes: Uint8Array, fileName: string, parts = 1): Profile {
  const builder = new ProfileBuilder()
  const fields = new Fields(builder)
  const others = new Int32Column()
  const isDiff = isDiffOfTwo(bytes)
  let good = 0
  let number = 0
  const budget = currentBudget()
  for (const line of linesOf(bytes)) {
    number++
    budget?.step(STEPS_OF_LINE)
    if (line.trim() === '' || isComment(line)) continue
    const parsed = parseLine(line)
    if (parsed === null) {
      others.push(number)
      continue
    }
    const weight = Math.round(parsed.count * parts)
    if (parsed.count > Number.MAX_SAFE_INTEGER) throw bad(`line ${number}`, 'counts past 2^53')
    if (parts < MOST_PARTS && Math.abs(weight - parsed.count * parts) > ROUNDING)
      return readCollapsed(bytes, fileName, parts * 10)
    if (isDiff) parsed.stack = parseLine(parsed.stack)?.stack ?? parsed.stack
    good++
    builder.sample(stackOf(builder, fields.framesOf(parsed.stack)), weight)
  }
  if (good === 0 && !isEmpty(bytes))
    throw bad(`line ${others.length > 0 ? others.at(0) : 1}`, 'is no folded stack')
  const told = [...others.finish().subarray(0, MAX_WARNINGS)]
  const warnings = isDiff ? [DIFF] : []
  if (parts > 1) warnings.push(`counts have fractions: each is shown ${parts} times as large`)
  warnings.push(...told.map((at) => `line ${at} is no folded stack`))
  if (others.length > MAX_WARNINGS) warnings.push(`and ${others.length - MAX_WARNINGS} more lines`)
  return unmarkInTheWay(builder.build({ name: baseName(fileName), unit: 'samples', warnings }))
}

/** The frames of fields, each of which comes again and again. */
class Fields {
  readonly #builder: ProfileBuilder
  readonly #known = new Map<string, FrameIndex>()
  readonly #frames = new Int32Column()

  constructor(builder: ProfileBuilder) {
    this.#builder = builder
  }

  /** Root first; until the next call. */
  framesOf(stack: string): Int32Column {
    this.#frames.length = 0
    for (let start = 0; start <= stack.length; ) {
      const semicolon = stack.indexOf(';', start)
      const end = semicolon === -1 ? stack.length : semicolon
      this.#frames.push(this.#frameOf(stack.slice(start, end)))
      start = end + 1
    }
    return this.#frames
  }

  #frameOf(text: string): FrameIndex {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    currentBudget()?.take(BYTES_OF_FIELD + 2 * text.length)
    const frame = this.#builder.frame(decodeFrame(text))
    this.#known.set(text, frame)
    return frame
  }
}

const DIFF = 'a diff of two profiles: the second of its counts is shown'

/** `main;parse 12 15`, on every line: what difffolded.pl writes. */
function isDiffOfTwo(bytes: Uint8Array): boolean {
  let stacks = 0
  for (const line of linesOf(bytes)) {
    const parsed = isComment(line) ? null : parseLine(line)
    if (parsed === null) continue
    if (parseLine(parsed.stack) === null) return false
    if (++stacks === SNIFF_LINES) break
  }
  return stacks > 1
}

/** What is written of a profile without samples. */
function isEmpty(bytes: Uint8Array): boolean {
  return decodeUtf8(bytes.subarray(0, 2 * NO_SAMPLES.length)).trimEnd() === NO_SAMPLES
}

function isComment(line: string): boolean {
  return line.startsWith('#')
}

/** Counts may be weights, with a fraction. */
function parseLine(line: string): { stack: string; count: number } | null {
  const match = /^(.*) (\d+(?:\.\d+)?)\s*$/s.exec(line)
  return match === null ? null : { stack: match[1]!, count: Number(match[2]) }
}

/** Line by line, so that a long file is never one string. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(0x0a, start)
    if (end === -1) end = bytes.length
    const text = decodeUtf8(bytes.subarray(start, end))
    yield text.endsWith('\r') ? text.slice(0, -1) : text
    start = end + 1
  }
}

/** Equal stacks in one line, in the order of the stack table. Who was in the way is marked. */
function writeCollapsed(profile: Profile): Uint8Array {
  const { frames, stacks, samples } = markInTheWay(profile)
  const totals = new Float64Array(stacks.frame.length)
  for (let i = 0; i < samples.stack.length; i++) totals[samples.stack[i]!]! += samples.weight[i]!
  const names = frames.map(encodeFrame)
  const sizes = pathSizes(stacks, (frame) => names[frame]!.length + 1)
  let size = 0
  for (let stack = 0; stack < totals.length; stack++) {
    if (totals[stack] !== 0) size += sizes[stack]! + LONGEST_COUNT
  }
  requireWritable(size)
  const out = new ByteWriter()
  const path: string[] = []
  for (let stack = 0; stack < totals.length; stack++) {
    if (totals[stack] === 0) continue
    path.length = 0
    for (let i = stack; i > 0; i = stacks.parent[i]!) path.push(names[stacks.frame[i]!]!)
    if (stack === ROOT_STACK) path.push(names[stacks.frame[0]!]!)
    // No comment.
    out.text(path.reverse().join(';').replace(/^#/, '%23')).text(` ${totals[stack]}\n`)
  }
  return size === 0 ? out.text(`${NO_SAMPLES}\n`).finish() : out.finish()
}
