/**
 * What a request waits for. Each asynchronous resource that a request creates carries a `Wait`:
 * whose it is, where in the code it was created, and from which resource's callback.
 *
 * The stack is captured unformatted (V8 adds the `async` callers) and read only for waits that
 * ended one of the request's pauses. Where V8's chain ends early (callbacks, streams, emitters),
 * the chain of the resource in whose callback this one was created continues it.
 */
import { packageOf } from '../../profile/frames.js'
import type { Frame } from '../../profile/profile.js'
import { functionName, isEngine, isPlumbing } from '../engine-frames.js'
import type { Labelled } from '../label-carrier.js'
import { fileApi } from '../node-api.js'
import type { FrameId, StackId, StackTable } from '../stack-table.js'
import { type Captured, callSites, type EnclosedCallSite } from './call-sites.js'
import type { Captures, Holder } from './captures.js'
import type { PendingOperations } from './pending.js'

/** On whose behalf code runs: a request that passes through the middleware. */
export interface RequestContext extends Labelled {
  readonly id: number
  /** `GET /users/:id`; asked for late, when the route is known. */
  title(): string
  /** Each of its waits is looked at; otherwise only whose code runs. */
  readonly follows: boolean
  /** It may be kept afterwards: what it waits for is noted, as far as that is cheap. */
  readonly notesWaits: boolean
  /** `performance.now()` ms. */
  readonly startedAt: number
  readonly captures: Captures
  /** Time of its ended run segments so far, and the end of the last of them, ms. */
  ranMs: number
  ranAt: number
  /** How long something of it could have gone on so far, and did not, ms. */
  blockedMs: number
  /** What it has asked for and not got yet, the latest of it. */
  readonly pending: PendingOperations
  /** What its code continues that is not followed more closely. */
  readonly root: Wait
  /** The same for code that an answer on a socket has called; null until there was one. */
  answer: Wait | null
}

const UNRESOLVED = -1
let calls = 0
/** What reads on by itself. */
const STREAM = /^create(Read|Write)Stream$/

/** Of a promise. */
export interface Settlement {
  /** ms; NaN: it has not been, as far as is known. */
  settledAt: number
}

export class Wait implements Holder, Settlement {
  readonly context: RequestContext
  parent: Wait | null
  /** The stack where it was made, until it is read or let go. */
  captured: Captured | null = null
  /** It was captured where its code went on, in which the app may have called something. */
  isLate = false
  chain: StackId = UNRESOLVED
  /** Of which the chain is. */
  stacks: StackTable | null = null
  /** The app's code was on the stack when the resource was created; known with the chain. */
  knowsPlace = false
  /** In people's words, once known: `timer 20 ms`. */
  what = ''
  /** The wait whose callback brought this one about, where that says more. */
  cause: Wait | null = null
  /** Node's function that the app called (`readFile`), where the stack shows one. */
  api = ''
  /** Who did, by the part of that stack that was being run: known with the chain. */
  calledBy: 'nobody known' | 'node' | 'package' | 'app' = 'nobody known'
  /** An immediate that was made in the callback of this one, which is for an answer. */
  giver: Wait | null = null
  /** Something was written to a connection, and this is for the answer. */
  isAsking = false
  /** Nothing else was written meanwhile: all that comes in is one answer. */
  isOneAnswer = false
  /** The same of all that one call of the app's has led Node to; known with the chain. */
  call = 0
  /** All waits for one answer have the same number; 0: each is its own. Known with the name. */
  answer = 0
  /** Each callback of its resource is a wait of its own, which may have another name. */
  isEachTime = false
  /** It was made since then, ms; NaN: not known. */
  madeAt = Number.NaN
  settledAt = Number.NaN
  /** Of the promise that has to be settled for it to go on; null: not known, or not any more. */
  after: Settlement | null = null
  /** It was called back last then, ms. */
  calledAt = Number.NEGATIVE_INFINITY
  /** An answer on a socket has led here, which may have been waited for by others as well. */
  readonly isByAnswer: boolean

  constructor(
    context: RequestContext,
    parent: Wait | null,
    isByAnswer = parent?.isByAnswer ?? false,
  ) {
    this.context = context
    this.parent = parent
    this.isByAnswer = isByAnswer
  }

  /** Where it was made is known, or will be. */
  get isPlaced(): boolean {
    return this.captured !== null || this.chain !== UNRESOLVED
  }

  letGo(): void {
    this.captured = null
    this.parent = null
    this.cause = null
    this.giver = null
    this.after = null
  }

  /** Of its context, as samples have it. */
  get id(): number {
    return this.context.id
  }
}

/**
 * The logical call chain of a wait, innermost function last: its own frames, continued by its
 * parents'. Resolves the parents on the way, without recursion, and lets go of the captured stacks.
 */
export function chainOf(wait: Wait, stacks: StackTable): StackId {
  const pending: Wait[] = []
  let base: Wait | null = wait
  while (base !== null && base.chain === UNRESOLVED) {
    pending.push(base)
    base = base.parent
  }
  if (base !== null && base.stacks !== stacks) {
    base.chain = stacks.moved(base.chain, base.stacks!)
    base.stacks = stacks
  }
  let chain = base === null ? 0 : base.chain
  let api = base === null ? '' : base.api
  let call = base === null ? 0 : base.call
  for (let i = pending.length - 1; i >= 0; i--) {
    const next = pending[i]!
    const hasStack = next.captured !== null
    const path = hasStack ? ownPath(next, stacks) : []
    chain = continueChain(chain, path, stacks)
    // Node's own callbacks carry on with what the app once called.
    const carriesOn = next.calledBy === 'node' || (!hasStack && STREAM.test(api))
    if (carriesOn) next.api = api || next.api
    next.call = carriesOn && !next.isAsking && call > 0 ? call : ++calls
    call = next.call
    next.knowsPlace = path.length > 0
    api = next.api
    next.chain = chain
    next.stacks = stacks
    next.parent = null
  }
  return chain
}

// --- internal ---

/**
 * A captured path (root first) below the chain of the callback that created it. V8 lists the
 * awaiting callers only, so plain functions between two of them are taken from the chain; where
 * nothing matches, the path hangs below all of it.
 *
 *     chain  app › route › handler › helper › loadUser › query
 *     path                 handler › loadUser › save
 *     →      app › route › handler › helper › loadUser › save
 */
function continueChain(chain: StackId, path: readonly FrameId[], stacks: StackTable): StackId {
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

/** Frames of the captured stack, root first, without ours and the engine's at both ends. */
function ownPath(wait: Wait, stacks: StackTable): readonly FrameId[] {
  const path: FrameId[] = []
  const sites = callSites(wait.captured!)
  wait.calledBy = 'node'
  let own = false
  // Between an awaiting caller and what it resumed stands only the engine's dispatch.
  let dispatch = wait.isLate
  for (let i = sites.length - 1; i >= 0; i--) {
    const site = sites[i]!
    const id = internSite(site, stacks)
    if (id === -1) continue
    const frame = stacks.frames[id]!
    if (wait.isLate || isAwaiting(sites, i)) stacks.awaiting.add(id)
    dispatch = site.isAsync() || (dispatch && isPlumbing(frame))
    if (dispatch && !site.isAsync()) continue
    own = stacks.isOwn(frame) || (own && isPlumbing(frame))
    if (own) continue
    path.push(id)
    if (site.isAsync()) continue
    wait.calledBy = callerOf(wait.calledBy, frame)
    // What it has called since then has not waited.
    if (wait.isLate) break
  }
  wait.captured = null
  while (path.length > 0 && isEngine(stacks.frames[path.at(-1)!]!)) {
    wait.api = fileApi(stacks.frames[path.pop()!]!) || wait.api
  }
  return stacks.trimRoot(path)
}

/** Whose the call is that went on below `frame`. */
function callerOf(above: Wait['calledBy'], frame: Frame): Wait['calledBy'] {
  if (isEngine(frame) || above === 'app') return above
  return packageOf(frame) === '' ? 'app' : 'package'
}

/** `await` makes its promise right in the awaiting function; `then` is a builtin in between. */
function isAwaiting(sites: readonly EnclosedCallSite[], i: number): boolean {
  return sites[i]!.isAsync() || sites[i - 1]?.getFunctionName() === 'promiseInitHook'
}

/** -1 for builtins, which have no place. */
function internSite(site: EnclosedCallSite, stacks: StackTable): FrameId {
  const file = site.getFileName() ?? ''
  if (file === '') return -1
  const line = site.getEnclosingLineNumber() ?? 0
  const column = site.getEnclosingColumnNumber() ?? 0
  return stacks.intern(functionName(site.getFunctionName()), file, line, column, false)
}
