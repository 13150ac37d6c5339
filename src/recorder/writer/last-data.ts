/**
 * When a connection's last data came in, by the kernel's own word: `ss` of iproute2, on Linux.
 *
 * The process is never forked for it but once: a fork stalls all of its threads while the page
 * tables are copied (5–9 ms for 200 MB, 19 ms for 800 MB) and makes each page fault again
 * (0.7 µs each). So it is a small process that forks, `xargs`, which runs `ss` for each line that
 * it is given (1.7 ms) and ends with its standard input, however this process ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { hrtimeMs } from '../../sampler/clock.js'

/** A TCP connection of this machine, as far as it may be known outside the app's thread. */
export interface Ports {
  readonly local: number
  readonly remote: number
}

/** It came in between `earliest` and `latest`, `process.hrtime` ms. */
export interface LastData {
  readonly earliest: number
  readonly latest: number
  /** All that the connection has received by then. */
  readonly bytes: number
}

/** What `ss` says of a connection. */
export interface SocketFacts {
  readonly lastReceivedMs: number
  readonly bytesReceived: number
}

export class LastDataSource {
  #helper: ChildProcess | null = null
  #isAvailable = process.platform === 'linux'
  /** Answers have no sign of which question they are of: one at a time. */
  #asking: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #answered: (text: string) => void = () => {}
  readonly #tick = new Tick()

  /** Starts the helper, 1.5 ms and a fork. Never throws. */
  prepare(): void {
    if (!this.#isAvailable || this.#helper !== null) return
    try {
      const helper = spawn('xargs', ['-I%', ...SS, '%'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: SYSTEM_PATH },
      })
      helper.on('error', () => this.#lose())
      helper.on('exit', () => this.#lose())
      helper.stdin.on('error', () => this.#lose())
      helper.stdout.setEncoding('latin1').on('data', (text: string) => this.#answered(text))
      this.#helper = helper
    } catch {
      this.#lose()
    }
  }

  /** Null: not known, or nothing was prepared. Never rejects. */
  ask(ports: Ports): Promise<LastData | null> {
    if (this.#helper === null || this.#waiting >= MAX_WAITING) return Promise.resolve(null)
    this.#waiting++
    const answer = this.#asking.then(() => this.#askUntilClose(ports))
    this.#asking = answer.finally(() => this.#waiting--)
    return answer
  }

  /** Whoever waits is told that it is not known; nobody can ask again. */
  close(): void {
    this.#lose()
  }

  // --- internal ---

  /** On a busy machine an answer may be late, and thus vague: then it is asked for again. */
  async #askUntilClose(ports: Ports): Promise<LastData | null> {
    let known: LastData | null = null
    for (let i = 0; i < MAX_ASKED; i++) {
      const next = await this.#askOnce(ports)
      if (next === null || (known !== null && next.bytes !== known.bytes)) return known ?? next
      known = known === null ? next : intersect(known, next)
      if (known.latest - known.earliest <= CLOSE_MS + 2 * this.#tick.slack) return known
    }
    return known
  }

  async #askOnce(ports: Ports): Promise<LastData | null> {
    const input = this.#helper?.stdin
    if (!input) return null
    const asked = hrtimeMs()
    let answered = asked
    const text = await new Promise<string>((resolve) => {
      const giveUp = setTimeout(() => this.#lose(), PATIENCE_MS)
      this.#answered = (text) => {
        answered = hrtimeMs()
        clearTimeout(giveUp)
        this.#answered = () => {}
        resolve(text)
      }
      input.write(`( sport = :${ports.local} and dport = :${ports.remote} )\n`)
    })
    const facts = readSocketFacts(text, ports)
    const lastMs = facts === null ? null : this.#tick.lastMs(facts)
    if (facts === null || lastMs === null) return null
    const slack = this.#tick.slack
    return {
      earliest: asked - lastMs - slack,
      latest: answered - lastMs + slack,
      bytes: facts.bytesReceived,
    }
  }

  #lose(): void {
    this.#isAvailable = false
    this.#helper?.kill()
    this.#helper = null
    this.#answered('')
  }
}

/**
 * What `ss` printed, if it is about exactly one connection: other addresses may have the same
 * ports. What is 0 it does not print.
 */
export function readSocketFacts(text: string, { local, remote }: Ports): SocketFacts | null {
  const [head, line, ...more] = text.split('\n').filter((line) => line.trim() !== '')
  if (!head?.startsWith('Recv-Q') || line === undefined || more.length > 0) return null
  const [, , here, there] = line.trim().split(/\s+/)
  if (!here?.endsWith(`:${local}`) || !there?.endsWith(`:${remote}`)) return null
  const bytesReceived = Number(/ bytes_received:(\d+)/.exec(line)?.[1] ?? 0)
  const lastReceivedMs = Number(/ lastrcv:(\d+)/.exec(line)?.[1] ?? 0)
  return bytesReceived > 0 ? { lastReceivedMs, bytesReceived } : null
}

// --- internal ---

const SS = ['ss', '-tinO', 'state', 'established']
/** The app's own path is not asked. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin'
/** An answer that takes longer is none, and there will be no other, ms. */
const PATIENCE_MS = 1000
const MAX_WAITING = 64
/** Answered as soon as that is well enough, ms; otherwise asked for again, at most so often. */
const CLOSE_MS = 8
const MAX_ASKED = 4
const TICKS_LATE_MS = 6

/**
 * The kernel's clock for such times ticks every 1–10 ms, and the time that has passed is told in
 * whole ticks, so that it is wrong by up to one in either direction.
 */
class Tick {
  /** The longest that a tick can be, as far as was seen, ms. */
  #ms = 10
  #tellsTime = false

  /**
   * Measured, where a tick is 4 ms: −4.1 to +4.4 ms on a quiet machine, −2.8 to +1.4 in most and
   * 9 ms in the worst of 1,000 on a crowded one, whose ticks come late.
   */
  get slack(): number {
    return this.#ms + TICKS_LATE_MS
  }

  /** Null as long as 0 may mean that the system does not say. */
  lastMs({ lastReceivedMs }: SocketFacts): number | null {
    if (lastReceivedMs > 0) this.#tellsTime = true
    if (lastReceivedMs % 10 !== 0) this.#ms = 4
    return this.#tellsTime ? lastReceivedMs : null
  }
}

function intersect(a: LastData, b: LastData): LastData {
  return {
    earliest: Math.max(a.earliest, b.earliest),
    latest: Math.min(a.latest, b.latest),
    bytes: a.bytes,
  }
}
