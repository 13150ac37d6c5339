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
  readonly #waiting: Question[] = []
  /** Answers have no sign of what was asked: one line at a time. */
  #asked: Question[] = []
  #askedAt = 0
  #patience: NodeJS.Timeout | undefined
  readonly #tick = new Tick()

  /** Starts the helper, 1.5 ms and a fork. Never throws. */
  prepare(): void {
    if (!this.#isAvailable || this.#helper !== null) return
    try {
      const helper = spawn('xargs', ['-I%', ...SS, '%'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: SYSTEM_PATH },
      })
      helper.on('error', () => this.close())
      helper.on('exit', () => this.close())
      helper.stdin.on('error', () => this.close())
      helper.stdout.setEncoding('latin1').on('data', (text: string) => this.#answered(text))
      this.#helper = helper
    } catch {
      this.close()
    }
  }

  /** Null: not known, or nothing was prepared. Never rejects. */
  ask(ports: Ports): Promise<LastData | null> {
    if (this.#helper === null || this.#waiting.length >= MAX_WAITING) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#waiting.push({ ports, resolve, known: null, times: 0 })
      this.#next()
    })
  }

  /** Whoever waits is told that it is not known; nobody can ask again. */
  close(): void {
    this.#isAvailable = false
    this.#helper?.kill()
    this.#helper = null
    clearTimeout(this.#patience)
    const unanswered = [...this.#asked.splice(0), ...this.#waiting.splice(0)]
    for (const { resolve, known } of unanswered) resolve(known)
  }

  // --- internal ---

  #next(): void {
    const input = this.#helper?.stdin
    if (!input || this.#asked.length > 0 || this.#waiting.length === 0) return
    this.#asked = this.#waiting.splice(0, AT_ONCE)
    const filters = this.#asked.map(
      ({ ports }) => `( sport = :${ports.local} and dport = :${ports.remote} )`,
    )
    this.#patience = setTimeout(() => this.close(), PATIENCE_MS)
    this.#askedAt = hrtimeMs()
    input.write(`( ${filters.join(' or ')} )\n`)
  }

  #answered(text: string): void {
    const answeredAt = hrtimeMs()
    clearTimeout(this.#patience)
    for (const question of this.#asked.splice(0)) {
      const facts = readSocketFacts(text, question.ports)
      this.#learn(question, facts && this.#between(facts, answeredAt))
    }
    this.#next()
  }

  /** On a busy machine an answer may be late, and thus vague: then it is asked for again. */
  #learn(question: Question, next: LastData | null): void {
    const { known, resolve } = question
    if (next === null || (known !== null && next.bytes !== known.bytes)) return resolve(known)
    question.known = known === null ? next : intersect(known, next)
    const { earliest, latest } = question.known
    const isClose = latest - earliest <= CLOSE_MS + 2 * this.#tick.slack
    if (isClose || ++question.times >= MAX_ASKED) resolve(question.known)
    else this.#waiting.push(question)
  }

  #between(facts: SocketFacts, answeredAt: number): LastData | null {
    const lastMs = this.#tick.lastMs(facts)
    if (lastMs === null) return null
    const slack = this.#tick.slack
    return {
      earliest: this.#askedAt - lastMs - slack,
      latest: answeredAt - lastMs + slack,
      bytes: facts.bytesReceived,
    }
  }
}

/**
 * What `ss` printed of a connection, if it is about exactly one: others may have the same ports at
 * other addresses. What is 0 it does not print.
 */
export function readSocketFacts(text: string, { local, remote }: Ports): SocketFacts | null {
  // What is longer than a pipe takes at once comes in parts, and is no answer.
  if (!text.startsWith('Recv-Q') || !text.endsWith('\n')) return null
  const matching = text.split('\n').filter((line) => {
    const [, , here, there] = line.trim().split(/\s+/, 4)
    return here?.endsWith(`:${local}`) && there?.endsWith(`:${remote}`)
  })
  if (matching.length !== 1) return null
  const bytesReceived = Number(/ bytes_received:(\d+)/.exec(matching[0]!)?.[1] ?? 0)
  const lastReceivedMs = Number(/ lastrcv:(\d+)/.exec(matching[0]!)?.[1] ?? 0)
  return bytesReceived > 0 ? { lastReceivedMs, bytesReceived } : null
}

// --- internal ---

interface Question {
  readonly ports: Ports
  readonly resolve: (answer: LastData | null) => void
  known: LastData | null
  /** How often it was answered. */
  times: number
}

const SS = ['ss', '-tinO', 'state', 'established']
/** The app's own path is not asked. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin'
/** An answer that takes longer is none, and there will be no other, ms. */
const PATIENCE_MS = 1000
const MAX_WAITING = 64
/** So many lines of 500 bytes a pipe takes at once. */
const AT_ONCE = 6
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
