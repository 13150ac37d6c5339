/**
 * Routers that are mounted in functions (`app.use((req, res, next) => api(req, res, next))`) cannot
 * be reached from the app. When a route cannot be found, the routers that are called next are noted
 * for a while, by a patch of what they inherit.
 */

import { hasLeft, whenLeaving } from '../sampler/visit.js'
import { lead, type Routed, routerOf } from './router-tree.js'

/** Those that have been noted until now. */
export function strayRouters(starts: readonly Routed[], apps: readonly Routed[]): Routed[] {
  const called = looks.flatMap((look) => look.take())
  if (called.length > 0) {
    const reached = new Set<unknown>([...starts, ...apps].map(routerOf))
    for (const start of starts) {
      lead(start, { path: null, route: null, apps, strays: [] }, ({ handle }) => {
        reached.add(handle)
        return false
      })
    }
    for (const router of called) if (!reached.has(router)) keep(router)
  }
  return strays.flatMap((stray) => stray.deref() ?? [])
}

/** Notes the routers that are called from now on, of all copies of a framework around. */
export function lookForStrays(around: readonly Routed[]): void {
  if (hasLeft()) return
  whenLeaving(stopLooking)
  for (const app of around) {
    const inherited = prototypeOf(routerOf(app))
    if (inherited === null || looks.some((look) => look.isAt(inherited))) continue
    try {
      looks = [...looks.filter((look) => look.isOn), new Look(inherited)]
    } catch {
      // Frozen.
    }
  }
}

export function stopLooking(): void {
  for (const look of looks) look.stop()
  looks = []
}

// --- internal ---

/** An app that makes a router for each request makes new ones all the time. */
const MOST = 16

/** Calls of routers: who has been called by then, or never is, need not be waited for. */
const CALLS = 1000

let strays: WeakRef<Routed>[] = []
let looks: Look[] = []

/** What the routers of one copy of a framework have in common. */
interface Inherited {
  handle(this: Routed, ...args: unknown[]): unknown
}

class Look {
  readonly #inherited: Inherited
  readonly #theirs: Inherited['handle']
  readonly #ours: Inherited['handle']
  #left = CALLS
  #seen = new WeakSet<Routed>()
  #called: WeakRef<Routed>[] = []

  constructor(inherited: Inherited) {
    const theirs = inherited.handle
    const note = (router: Routed) => this.#note(router)
    this.#inherited = inherited
    this.#theirs = theirs
    this.#ours = function handle(...args) {
      note(this)
      return theirs.apply(this, args)
    }
    inherited.handle = this.#ours
  }

  get isOn(): boolean {
    return this.#left > 0
  }

  isAt(inherited: Inherited): boolean {
    return this.isOn && this.#inherited === inherited
  }

  take(): Routed[] {
    const called = this.#called.flatMap((router) => router.deref() ?? [])
    this.#called = []
    this.#seen = new WeakSet()
    return called
  }

  /** Where somebody else has patched it since, ours is left in between, and does nothing. */
  stop(): void {
    this.#left = 0
    if (this.#inherited.handle === this.#ours) this.#inherited.handle = this.#theirs
  }

  #note(router: Routed): void {
    if (this.#left <= 0) return
    if (--this.#left === 0) this.stop()
    if (this.#seen.has(router)) return
    this.#seen.add(router)
    this.#called.push(new WeakRef(router))
  }
}

function keep(router: Routed): void {
  const others = strays.filter((stray) => ![undefined, router].includes(stray.deref()))
  strays = [new WeakRef(router), ...others].slice(0, MOST)
}

/** Not the router's own, which may be somebody's patch. */
function prototypeOf(router: Routed | undefined): Inherited | null {
  let at: unknown = router && Object.getPrototypeOf(router)
  while (at && !Object.hasOwn(at as object, 'handle')) at = Object.getPrototypeOf(at)
  return typeof (at as Inherited | null)?.handle === 'function' ? (at as Inherited) : null
}
