/**
 * Whose work the callbacks of what many share are: connections, pools, a server's requests. Methods
 * of Node and of drivers are patched for it, while somebody needs to know.
 */
import { now } from '../clock.js'
import { ClientWaits } from './client-waits.js'
import { ModulePatches } from './module-patches.js'
import { Pools } from './pools.js'
import { Redis } from './redis.js'
import { RequestBodies } from './request-bodies.js'
import type { Runner } from './runner.js'
import { SocketOwners } from './socket-owners.js'
import { SocketWaits } from './socket-waits.js'
import { WaitLog } from './wait-log.js'
import type { RequestContext, Wait } from './waits.js'

export class Owners {
  readonly bodies: RequestBodies
  readonly drivers: ModulePatches
  /** Waits of those whose awaits are not followed. */
  readonly waits = new WaitLog()
  readonly #sockets: SocketOwners
  readonly #clients: ClientWaits
  #users = 0
  /** Since then nobody needs what is still patched, ms; NaN: somebody does, or nothing is. */
  #restingSince = Number.NaN

  /**
   * `nameShared`: what runs for a connection that is nobody's; `peer` says whose server it is.
   * `passerOf`: whose request it is that passes.
   */
  constructor(
    runner: Runner,
    nameShared: (peer: string) => Wait,
    passerOf: (request: object) => RequestContext | null,
  ) {
    const socketWaits = new SocketWaits(this.waits)
    this.#sockets = new SocketOwners(runner, socketWaits, nameShared)
    this.#clients = new ClientWaits(runner, socketWaits, this.waits)
    const pools = new Pools(runner, this.#sockets, this.waits)
    const redis = new Redis(runner, this.waits)
    this.drivers = new ModulePatches([...pools.patched, ...redis.patched])
    this.bodies = new RequestBodies(runner, passerOf)
  }

  /** For one more user; `since`: contexts begun before are of earlier ones, ms. */
  acquire(since: number): void {
    if (this.#users++ > 0) return
    try {
      this.#restingSince = Number.NaN
      this.#sockets.enable(since)
      this.#clients.enable()
      this.drivers.enable()
      this.bodies.enable()
    } catch {
      // What is not patched tells nothing.
    }
  }

  release(): void {
    if (--this.#users > 0) return
    try {
      this.#sockets.disable()
      this.#clients.disable()
      this.drivers.disable()
      this.bodies.disable()
      this.#restingSince = now()
    } catch {
      // What is left on does nothing but take time.
    }
  }

  /**
   * Takes the patches off that nobody has needed for long. One request after another would have V8
   * optimise all that writes to a socket anew for each: that took everybody twice the time.
   */
  tidy(): void {
    if (!(now() - this.#restingSince > KEPT_MS)) return
    this.#restingSince = Number.NaN
    for (const patched of [this.#sockets, this.drivers, this.bodies]) patched.remove()
  }
}

// --- internal ---

/** Patches that do nothing stay for so long: from one request of a busy moment to the next. */
const KEPT_MS = 1000
