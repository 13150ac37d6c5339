/**
 * What a request waits for. Each asynchronous resource that a request creates carries a `Wait`: whose
 * it is, where in the code it was created, and from which resource's callback.
 *
 * The stack is captured unformatted (V8 adds the `async` callers) and read only for waits that ended one
 * of the request's pauses. Where V8's chain ends early (callbacks, streams, emitters), the chain of the
 * resource in whose callback this one was created continues it.
 */
import type { FrameId, StackId, StackIndex } from './stack-index.js'
import { functionName, isEngine, isPlumbing } from './stack-index.js'

/** Somebody on whose behalf code runs: a request that passes through the middleware. */
export interface Owner {
  readonly id: number
  /** `GET /users/:id`; asked for late, when the route is known. */
  title(): string
  /** Each of its waits is looked at; otherwise only whose code runs. */
  readonly follows: boolean
  /** Captures so far: the budget of `captureStack`. */
  captured: number
  /** Time of its ended run segments so far, ms. */
  ranMs: number
}

const UNRESOLVED = -1

export class Wait {
  readonly owner: Owner
  parent: Wait | null
  /** Filled in by V8 while unformatted: read through `callSites` only. */
  declare stack: unknown
  hasStack = false
  chain: StackId = UNRESOLVED
  /** In people's words, once known: `timer 20 ms`. */
  what = ''
  /** Node's function that the app called (`readFile`), where the stack shows one. */
  api = ''

  constructor(owner: Owner, parent: Wait | null) {
    this.owner = owner
    this.parent = parent
  }
}

/** Captures per request in full; later ones thin out, and code resumed by a wait without its own stack hangs
 *  under that of the wait before, which in a loop is the same. */
const FULL_CAPTURES = 1000
const DEPTH = 128

/** Remembers where we are; 4–12 µs, by depth of the stack. */
export function captureStack(wait: Wait): void {
  const count = ++wait.owner.captured
  if (count > FULL_CAPTURES && count % thinning(count) !== 0) return
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = DEPTH
  Error.captureStackTrace(wait)
  Error.stackTraceLimit = limit
  wait.hasStack = true
}

/** True if some of the owner's waits were not captured. */
export function wasThinned(owner: Owner): boolean {
  return owner.captured > FULL_CAPTURES
}

/**
 * The logical call chain of a wait, innermost function last: its own frames, continued by its parents'.
 * Resolves the parents on the way, without recursion, and lets go of the captured stacks.
 */
export function chainOf(wait: Wait, stacks: StackIndex): StackId {
  const pending: Wait[] = []
  let base: Wait | null = wait
  while (base !== null && base.chain === UNRESOLVED) {
    pending.push(base)
    base = base.parent
  }
  let chain = base === null ? 0 : base.chain
  for (let i = pending.length - 1; i >= 0; i--) {
    const next = pending[i]!
    if (next.hasStack) chain = continueChain(chain, ownPath(next, stacks), stacks)
    next.chain = chain
    next.parent = null
  }
  return chain
}

// --- internal ---

/**
 * A captured path (root first) below the chain of the callback that created it. V8 lists the awaiting callers only, so
 * plain functions between two of them are taken from the chain; where nothing matches, the path hangs below all of it.
 *
 *     chain  app › route › handler › helper › loadUser › query        path  handler › loadUser › save
 *     →      app › route › handler › helper › loadUser › save
 */
function continueChain(chain: StackId, path: readonly FrameId[], stacks: StackIndex): StackId {
  const known = stacks.path(chain)
  let at = path.length === 0 ? -1 : known.indexOf(path[0]!)
  if (at === -1) return stacks.below(chain, path)
  let next = 1
  for (; next < path.length; next++) {
    const found = known.indexOf(path[next]!, at + 1)
    if (found === -1 || known.slice(at + 1, found).some((frame) => stacks.awaiting.has(frame)))
      break
    at = found
  }
  return stacks.below(stacks.of(known.slice(0, at + 1)), path.slice(next))
}

function thinning(count: number): number {
  return count < 4 * FULL_CAPTURES ? 4 : count < 64 * FULL_CAPTURES ? 64 : 1024
}

interface EnclosedCallSite extends NodeJS.CallSite {
  // V8's, on all versions we run on, missing from the types.
  getEnclosingLineNumber(): number | null
  getEnclosingColumnNumber(): number | null
}

/** Frames of the captured stack, root first, without ours and the engine's at both ends. */
function ownPath(wait: Wait, stacks: StackIndex): readonly FrameId[] {
  const path: FrameId[] = []
  const sites = callSites(wait)
  let own = false
  for (let i = sites.length - 1; i >= 0; i--) {
    const site = sites[i]!
    const id = internSite(site, stacks)
    if (id === -1) continue
    const frame = stacks.frames[id]!
    // `await` makes its promise right in the awaiting function; `then` is a builtin in between.
    const awaits = site.isAsync() || sites[i - 1]?.getFunctionName() === 'promiseInitHook'
    if (awaits) stacks.awaiting.add(id)
    own = stacks.isOwn(frame) || (own && isPlumbing(frame))
    if (!own) path.push(id)
  }
  wait.stack = undefined
  while (path.length > 0 && isEngine(stacks.frames[path.at(-1)!]!)) {
    // The last one taken off is the outermost of Node's functions: what the app called.
    wait.api = stacks.frames[path.pop()!]!.name
  }
  return stacks.trimRoot(path)
}

/** -1 for builtins, which have no place. */
function internSite(site: EnclosedCallSite, stacks: StackIndex): FrameId {
  const file = site.getFileName() ?? ''
  if (file === '') return -1
  const line = site.getEnclosingLineNumber() ?? 0
  const column = site.getEnclosingColumnNumber() ?? 0
  return stacks.intern(functionName(site.getFunctionName()), file, line, column, false)
}

/** Reads the captured frames without formatting them and without touching the app's own formatter. */
function callSites(wait: Wait): readonly EnclosedCallSite[] {
  const prepare = Error.prepareStackTrace
  Error.prepareStackTrace = (_error, sites) => sites
  try {
    return Array.isArray(wait.stack) ? wait.stack : []
  } finally {
    if (prepare === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace
    else Error.prepareStackTrace = prepare
  }
}
