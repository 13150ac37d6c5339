// How the programs of these tests clock themselves; whole µs.
import { openSync, readSync } from 'node:fs'

/** One clock for all processes of the machine. */
export function now() {
  return Number(process.hrtime.bigint() / 1000n)
}

const statistics = threadStatistics()

/** CPU time of this thread. Before Node 22 only Linux tells; elsewhere it is the wall clock. */
export function cpuNow() {
  // Linux knows it as of the thread's last tick; asked for that of the process, it counts anew.
  process.cpuUsage()
  if (!process.threadCpuUsage) return statistics?.().cpu ?? now()
  const { user, system } = process.threadCpuUsage()
  return user + system
}

/** For how long this thread could have run and the machine ran others; 0 where nothing tells. */
export function delayNow() {
  return statistics?.().delay ?? 0
}

/** Busy for so long by the wall clock. */
export function burn(ms) {
  const end = now() + ms * 1000
  let x = 0
  while (now() < end) for (let i = 0; i < 200; i++) x += Math.sqrt(i)
  return x
}

/** For how long the loop has slept so far, by Node's own count; whether it has moved is sure. */
function idleNow() {
  return performance.nodeTiming.idleTime
}

/** The loop's own check phases: between two of them it looks once for what has come in. */
export class Checks {
  all = []

  constructor() {
    const check = () => {
      this.all.push({ at: now(), idle: idleNow() })
      // It does not keep the loop from sleeping.
      setImmediate(check).unref()
    }
    check()
  }
}

/**
 * What ran when, by everybody: `bursts` of pure computing, by whom. One burst is one function of
 * this very name, so that a profile says whose it is.
 */
export class Bursts {
  all = []

  /** A function that is busy for so many ms and notes it. */
  of(name) {
    const named = new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
    return (ms) => {
      const [start, before] = [now(), cpuNow()]
      named(ms)
      this.all.push({ name, start, cpu: cpuNow() - before, end: now(), idle: idleNow() })
    }
  }
}

/**
 * A wait that cannot have been over before so many ms; `exact`: nor later, once the loop looks;
 * `inParts`: several answers are waited for, one after another.
 */
export function wait(record, by, ms, { exact = false, inParts = false } = {}) {
  const begun = { by, start: now(), ready: now() + ms * 1000, exact, inParts, end: 0 }
  record.waits.push(begun)
  return () => {
    begun.end = now()
  }
}

/** Reads what Linux knows of this thread; null elsewhere. */
function threadStatistics() {
  try {
    const file = openSync('/proc/thread-self/schedstat')
    const bytes = Buffer.alloc(100)
    return () => {
      const length = readSync(file, bytes, 0, 100, 0)
      const [cpu, delay] = bytes.latin1Slice(0, length).split(' ')
      return { cpu: Number(cpu) / 1000, delay: Number(delay) / 1000 }
    }
  } catch {
    return null
  }
}
