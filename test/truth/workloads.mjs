// What the requests of these tests do. Each has its own function that is busy, and functions of its
// own that wait, by which they are clocked.
import { execSync } from 'node:child_process'
import { cpuNow, now, wait } from './clock.mjs'
import { DATABASE_WORKLOADS } from './database-workloads.mjs'
import { DRIVER_WORKLOADS } from './driver-workloads.mjs'
import { OTHER_WORKLOADS } from './other-workloads.mjs'

const ROUNDS = 3
/** Ms: how long they wait, and how long the app is busy then. */
const SLEEP = 30
const BUSY = 12

async function waitTimer(record, ms) {
  const over = wait(record, 'waitTimer', ms, { exact: true })
  await new Promise((resolve) => setTimeout(resolve, ms))
  over()
}

async function timers({ own, record, asked }) {
  own(BUSY)
  for (let round = 0; round < ROUNDS; round++) {
    await waitTimer(record, Number(asked.ms ?? SLEEP))
    own(BUSY)
  }
}

/** A neighbour: busy for a little now and then, after a timer or after the database. */
async function crowd({ own, databases, asked }) {
  const { rounds = 6, every = 60, busy = 2, by = 'timer' } = asked
  for (let round = 0; round < rounds; round++) {
    if (by === 'timer') await new Promise((resolve) => setTimeout(resolve, Number(every)))
    else await databases[by].query(`select pg_sleep(${every / 1000})`)
    own(Number(busy))
  }
}

/** What a hog and the request that it holds up tell each other, which need not be awaited. */
const meeting = { hogAt: 0, signal: () => {}, release: () => {} }

/**
 * A neighbour that is busy once, for a long time. It is at work before the request comes, and
 * waits: for a timer that is due at `hogAt`; or for the request to say so, to be busy in an
 * immediate.
 */
async function hog({ own, asked }) {
  const { wait = 'timer', after = 300, busy = 100 } = asked
  meeting.hogAt = now() + after * 1000
  if (wait === 'timer') await new Promise((resolve) => setTimeout(resolve, Number(after)))
  else
    await new Promise((resolve) => {
      meeting.signal = resolve
    })
  if (wait === 'immediate') await new Promise((resolve) => setImmediate(resolve))
  meeting.release()
  own(Number(busy))
}

/** Waits for a timer that is due when the hog has been busy for so many ms. */
async function lateTimer({ own, record, asked }) {
  own(1)
  const ms = (meeting.hogAt - now()) / 1000 + Number(asked.into)
  if (meeting.hogAt < now()) throw new Error('the request came after the hog')
  await waitTimer(record, ms)
  own(1)
}

/** Waits for an immediate that is behind one of the hog. */
async function lateImmediate({ own, record }) {
  own(1)
  meeting.signal()
  // The hog goes on, and has its immediate before ours.
  await null
  await null
  await null
  async function waitImmediate() {
    const over = wait(record, 'waitImmediate', 0, { exact: true })
    await new Promise((resolve) => setImmediate(resolve))
    over()
  }
  await waitImmediate()
  own(1)
}

/** Waits for a promise that the hog settles, to be busy in the same callback. */
async function latePromise({ own, record }) {
  own(1)
  async function waitPromise() {
    const over = wait(record, 'waitPromise', 0, { exact: true })
    await new Promise((resolve) => {
      meeting.release = () => {
        record.waits.at(-1).ready = now()
        resolve()
      }
    })
    over()
  }
  await waitPromise()
  own(1)
}

/**
 * Waits for a database that answers when the hog has been busy for so many ms, or, by its own
 * clock, later: on a busy machine it has to wait for the CPU.
 */
async function lateAnswer({ own, record, asked, databases }) {
  own(1)
  const ms = (meeting.hogAt - now()) / 1000 + Number(asked.into)
  if (meeting.hogAt < now()) throw new Error('the request came after the hog')
  async function waitAnswer() {
    const over = wait(record, 'waitAnswer', ms)
    const { rows } = await databases.pool.query(
      `select pg_sleep(${ms / 1000}), extract(epoch from clock_timestamp()) * 1e6 as at`,
    )
    over()
    const waited = record.waits.at(-1)
    waited.ready = Math.max(waited.ready, Number(rows[0].at) - (Date.now() * 1000 - now()))
  }
  await waitAnswer()
  own(1)
}

/** Keeps the loop busy for so long in pieces, one in each turn of the loop. */
async function pieces({ own, asked }) {
  const { after = 1, busy = 2, by = 'immediate' } = asked
  const end = now() + asked.for * 1000
  await new Promise((resolve) => setTimeout(resolve, Number(after)))
  while (now() < end) {
    own(Number(busy))
    await new Promise((resolve) => {
      if (by === 'immediate') setImmediate(resolve)
      else setTimeout(resolve, 1)
    })
  }
}

/** It computes, and waits for nothing. */
function busy({ own, asked }) {
  own(Number(asked.busy))
}

function nothing() {}

/** Synchronous waits for a process, and for a lock that nobody gives. */
function offCpu({ own, record, asked }) {
  own(20)
  clockSync(record, function waitForProcess() {
    execSync(`sleep ${asked.seconds ?? 0.2}`)
  })
  clockSync(record, function waitForLock() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(asked.lock ?? 100))
  })
  own(20)
}

/** Its time and its CPU time. */
function clockSync(record, waitForIt) {
  const [start, before] = [now(), cpuNow()]
  waitForIt()
  record.stops.push({ name: waitForIt.name, start, cpu: cpuNow() - before, end: now() })
}

export const WORKLOADS = {
  ...DATABASE_WORKLOADS,
  ...OTHER_WORKLOADS,
  ...DRIVER_WORKLOADS,
  timers,
  crowd,
  hog,
  lateTimer,
  lateImmediate,
  latePromise,
  lateAnswer,
  busy,
  pieces,
  nothing,
  offCpu,
}
