/**
 * The frames that are not functions, and what kind of thing a frame is.
 * The names are those of V8 and, in dumps, ours, which other programs read too; they have no file.
 */
import { ACCOUNT_TABLE, ACCOUNTS, type Account, accountRow } from './accounts.js'
import type { Frame } from './profile.js'

export const ROOT = '(root)'
export const ANONYMOUS = '(anonymous)'
export const GC = ACCOUNT_TABLE.gc.frame
export const OFFCPU = ACCOUNT_TABLE.offcpu.frame
export const AWAIT = ACCOUNT_TABLE.await.frame
export const BLOCKED = ACCOUNT_TABLE.blocked.frame
/** The `[blocked]` of version 1 where that of version 2 is beside it, which means less. */
export const FOREIGN = ACCOUNT_TABLE.blocked.otherFrames[0]
export const PROFILER = ACCOUNT_TABLE.profiler.frame
export const UNKNOWN = ACCOUNT_TABLE.unknown.frame
export const IDLE = ACCOUNT_TABLE.await.otherFrames[0]
export const PROGRAM = ACCOUNT_TABLE.unknown.otherFrames[0]

/** Functions by whose they are, and the root above them. */
type CodeKind = 'app' | 'library' | 'node' | 'native' | 'root'

/** A frame that is no code is of the kind of its account. */
export type FrameKind = CodeKind | Exclude<Account, 'cpu'>

/** Code that was called, of which is not known which: more of it was called than is kept. */
export const CUT = '(stack cut off)'

export function syntheticFrame(name: string): Frame {
  return { name, file: '', line: 0, column: 0 }
}

/** `[await] timer 20 ms`: what was waited for, in people's words. */
export function awaitFrame(resource: string): Frame {
  return syntheticFrame(resource === '' ? AWAIT : `${AWAIT} ${resource}`)
}

/** Stands for a run of library and engine frames: `[12 frames hidden] express, router`. */
export function hiddenFrame(count: number, packages: readonly string[]): Frame {
  const shown = packages.slice(0, 4).join(', ') + (packages.length > 4 ? ', ...' : '')
  return syntheticFrame(`[${count} frames hidden] ${shown}`.trimEnd())
}

/** How many frames a frame stands for that `hiddenFrame` made; 0 for any other. */
export function hiddenCountOf({ name, file }: Frame): number {
  return file === '' ? Number(/^\[(\d+) frames hidden\]/.exec(name)?.[1] ?? 0) : 0
}

/** Stands for calls that are too short to be shown one by one. */
export function smallFrame(count: number): Frame {
  return syntheticFrame(`[${count} small calls]`)
}

/**
 * Identity across scripts, workers and files. `scriptId` differs between processes and is no part
 * of it.
 */
export function frameKey(frame: Frame): string {
  // The length keeps apart what a separator could not: names may contain any character.
  return `${frame.line}:${frame.column}:${frame.name.length}:${frame.name}${frame.file}`
}

export function frameKind(frame: Frame): FrameKind {
  if (frame.file === '') return syntheticKind(frame.name)
  if (RUNTIME_FILE.test(frame.file)) return 'node'
  if (ENGINE_FILE.test(frame.file)) return 'native'
  if (EXTENSION_FILE.test(frame.file)) return 'library'
  return packageOf(frame) === '' && !isHelperName(frame.name) ? 'app' : 'library'
}

/** Of each frame its kind; asked for by every pass over a profile, and found out once. */
export function frameKinds(frames: readonly Frame[]): readonly FrameKind[] {
  const known = knownKinds.get(frames)
  // A builder's list grows.
  if (known?.length === frames.length) return known
  const ofFile = new Map<string, FrameKind>()
  const kinds = frames.map((frame) => {
    const { name, file } = frame
    if (file === '' || isHelperName(name)) return frameKind(frame)
    let kind = ofFile.get(file)
    if (kind === undefined) {
      kind = frameKind(frame)
      ofFile.set(file, kind)
    }
    return kind
  })
  knownKinds.set(frames, kinds)
  return kinds
}

/** A function of Node's or the engine's? */
export function isEngine(kind: FrameKind): boolean {
  return kind === 'node' || kind === 'native'
}

/** To which account a frame's own time belongs, whatever is above it. */
export function accountOfKind(kind: FrameKind): Account {
  return isCode(kind) ? 'cpu' : kind
}

/** Does nobody but profview write such a frame? Then the profile is of dumps of ours. */
export function isOurFrame({ name, file }: Frame): boolean {
  return file === '' && OUR_FRAMES.some((ours) => name === ours || name.startsWith(`${ours} `))
}

/** What a frame waits for: '' if that is not known, null if it is no `[await]`. */
export function awaitedBy({ name, file }: Frame): string | null {
  if (file !== '' || !(name === AWAIT || name.startsWith(`${AWAIT} `))) return null
  return name.slice(AWAIT.length + 1)
}

/**
 * Does a compiler put this function between the two halves of an `async` function or a generator
 * that it takes apart: TypeScript's and esbuild's `__awaiter`, `__async`, Babel's and SWC's
 * `_asyncToGenerator`?
 */
export function isHelper(frame: Frame): boolean {
  if (frame.file === '') return false
  return isHelperName(frame.name) || HELPER_PACKAGES.has(packageOf(frame))
}

export function isHelperName(name: string): boolean {
  // Asked of every frame: a pattern is tried where it may fit.
  return (name.startsWith('_') || name.startsWith('async')) && HELPER_NAME.test(name)
}

/**
 * The npm package a frame belongs to (`express`, `@scope/name`), or '' for the app and the engine.
 */
export function packageOf(frame: Frame): string {
  let { file } = frame
  let start = file.lastIndexOf('/node_modules/')
  // Asked for every frame of a profile, and most are the app's or have no backslash.
  if (start === -1 && !file.includes('node_modules')) return ''
  if (file.includes('\\')) {
    file = file.replaceAll('\\', '/')
    start = file.lastIndexOf('/node_modules/')
  }
  if (start === -1) return ''
  const path = file.slice(start + '/node_modules/'.length)
  const end = path.indexOf('/', path.startsWith('@') ? path.indexOf('/') + 1 : 0)
  return end === -1 ? path : path.slice(0, end)
}

/**
 * Whose a frame is that is not the app's: the package, `node` for the runtime's own modules, '' for
 * what has no name worth showing.
 */
export function ownerOf(frame: Frame, kind = frameKind(frame)): string {
  if (kind === 'node') return 'node'
  if (kind !== 'library') return ''
  return EXTENSION_FILE.test(frame.file) ? 'browser extension' : packageOf(frame)
}

// --- internal ---

/** Node's modules, Deno's and Bun's, and those of Electron and of browsers. */
const RUNTIME_FILE =
  /^(node:|internal[:/]|ext:|bun:|deno:|builtin:|electron\/js2c\/|extensions::|chrome:|devtools:)/
/** `native array.js` of old versions of V8, `wasm://wasm/3e1f2a`, `evalmachine.<anonymous>`. */
const ENGINE_FILE = /^(native( |$)|wasm($|:)|evalmachine\.)/
const EXTENSION_FILE = /^(chrome|moz|safari-web)-extension:/

const knownKinds = new WeakMap<readonly Frame[], readonly FrameKind[]>()

const HELPER_NAME =
  /^(__(awaiter|generator|async|await|forAwait|yieldStar|asyncGenerator|asyncDelegator|asyncValues)|_*asyncGeneratorStep|_asyncToGenerator|_async_to_generator|_ts_generator|_wrapAsyncGenerator|_awaitAsyncGenerator|_regenerator(Runtime|Define|Async|AsyncGen|Keys|Values)?)\d*$/
const HELPER_PACKAGES: ReadonlySet<string> = new Set([
  'tslib',
  '@babel/runtime',
  '@swc/helpers',
  'regenerator-runtime',
])

const CODE_KINDS: Readonly<Record<CodeKind, true>> = {
  app: true,
  library: true,
  node: true,
  native: true,
  root: true,
}

function isCode(kind: FrameKind): kind is CodeKind {
  return Object.hasOwn(CODE_KINDS, kind)
}

const FRAMED_ACCOUNTS = ACCOUNTS.filter((account) => account !== 'cpu')
const OUR_FRAMES = [
  ...FRAMED_ACCOUNTS.map(accountRow)
    .filter(({ isOurs }) => isOurs)
    .map(({ frame }) => frame),
  FOREIGN,
]
const KINDS: ReadonlyMap<string, FrameKind> = new Map([
  [ROOT, 'root' as const],
  ...FRAMED_ACCOUNTS.flatMap((account) => {
    const { frame, otherFrames = [] } = accountRow(account)
    return [frame, ...otherFrames].map((name) => [name, account] as const)
  }),
])

function syntheticKind(name: string): FrameKind {
  if (name === CUT) return 'app'
  const kind = KINDS.get(name)
  if (kind !== undefined) return kind
  if (name.startsWith(`${AWAIT} `)) return 'await'
  return /^\[\d+ (frames hidden|small calls)\]/.test(name) ? 'library' : 'native'
}
