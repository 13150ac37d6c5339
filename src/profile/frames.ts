/**
 * The frames that are not functions, and what kind of thing a frame is.
 * The names are those of V8 and of CONTRACT's dumps; they have no file.
 */
import type { Frame } from './profile.js'

export const ROOT = '(root)'
export const GC = '(garbage collector)'
export const IDLE = '(idle)'
export const PROGRAM = '(program)'
export const PROFILER = '[profiler]'
export const UNKNOWN = '[unknown]'
export const BLOCKED = '[blocked]'
export const AWAIT = '[await]'
export const ANONYMOUS = '(anonymous)'

export type FrameKind =
  | 'app'
  | 'library'
  | 'node'
  | 'native'
  | 'gc'
  | 'await'
  | 'blocked'
  | 'profiler'
  | 'unknown'
  | 'root'

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
  if (frame.file.startsWith('node:') || frame.file.startsWith('internal/')) return 'node'
  if (/^(native|wasm|evalmachine)\b/.test(frame.file)) return 'native'
  return packageOf(frame) === '' && !isHelperName(frame.name) ? 'app' : 'library'
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
  return HELPER_NAME.test(name)
}

/**
 * The npm package a frame belongs to (`express`, `@scope/name`), or '' for the app and the engine.
 */
export function packageOf(frame: Frame): string {
  // Asked for every frame of a profile, and most are the app's or have no backslash.
  if (!frame.file.includes('node_modules')) return ''
  const file = frame.file.includes('\\') ? frame.file.replaceAll('\\', '/') : frame.file
  const start = file.lastIndexOf('/node_modules/')
  if (start === -1) return ''
  const path = file.slice(start + '/node_modules/'.length)
  const end = path.indexOf('/', path.startsWith('@') ? path.indexOf('/') + 1 : 0)
  return end === -1 ? path : path.slice(0, end)
}

// --- internal ---

const HELPER_NAME =
  /^(__(awaiter|generator|async|await|forAwait|yieldStar|asyncGenerator|asyncDelegator|asyncValues)|_*asyncGeneratorStep|_asyncToGenerator|_async_to_generator|_ts_generator|_wrapAsyncGenerator|_awaitAsyncGenerator|_regenerator(Runtime|Define|Async|AsyncGen|Keys|Values)?)\d*$/
const HELPER_PACKAGES: ReadonlySet<string> = new Set([
  'tslib',
  '@babel/runtime',
  '@swc/helpers',
  'regenerator-runtime',
])

function syntheticKind(name: string): FrameKind {
  if (name === ROOT) return 'root'
  if (name === GC) return 'gc'
  if (name === PROFILER) return 'profiler'
  if (name === UNKNOWN || name === PROGRAM) return 'unknown'
  if (name === IDLE || name === AWAIT || name.startsWith(`${AWAIT} `)) return 'await'
  if (name === BLOCKED) return 'blocked'
  if (/^\[\d+ (frames hidden|small calls)\]/.test(name)) return 'library'
  return 'native'
}
