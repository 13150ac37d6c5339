// What holds a loop, each kind in a function of its own name. `stretch(name)` clocks it: what it is
// called with runs at once.
import { execSync } from 'node:child_process'
import { stat } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { burn, now, wait } from '../clock.mjs'

const PIECES = 200
/** Longer than what is waited for takes: then all of it is there at once. */
const HOLD_MS = 40
/** So long a request sleeps that is there when the loop stalls. */
const SLEEP_MS = 100

export const WORKLOADS = {
  quick() {},

  async sleeper({ record }) {
    const woke = wait(record, 'sleeper', SLEEP_MS, { exact: true })
    await sleep(SLEEP_MS)
    woke()
  },

  async naps({ ms }) {
    for (let i = 0; i < 10; i++) await sleep(ms)
  },

  sync({ ms, stretch }) {
    stretch('plainLoop')(() => plainLoop(ms))
  },

  async afterAwait({ ms, stretch }) {
    await sleep(30)
    stretch('loopAfterAwait')(() => loopAfterAwait(ms))
  },

  timer({ ms, stretch }) {
    const clocked = stretch('loopInTimer')
    return new Promise((resolve) => {
      setTimeout(() => resolve(clocked(() => loopInTimer(ms))), 30)
    })
  },

  nested({ ms, stretch }) {
    stretch('culprit')(() => outer(ms))
  },

  json({ stretch }) {
    stretch('parseAll')(() => parseAll())
  },

  shell({ ms, stretch }) {
    stretch('waitForShell')(() => waitForShell(ms))
  },

  gc({ ms, stretch }) {
    stretch('litter')(() => litter(ms))
  },

  collected({ ms, stretch }) {
    stretch('collect')(() => collect(ms))
  },

  async microtasks({ ms, stretch }) {
    // In a callback of its own: what a request's handler does before is no part of it.
    await sleep(10)
    const clocked = stretch('microtask')
    for (let i = 0; i < PIECES; i++) {
      clocked(() => microtask(ms / PIECES))
      await null
    }
  },

  async ticks({ ms, stretch }) {
    await sleep(10)
    await pieces(ms, stretch('tick'), tick, (next) => process.nextTick(next))
  },

  async immediates({ ms, stretch }) {
    await together(ms, stretch('immediate'), immediate, (run) => setImmediate(run))
  },

  async files({ ms, stretch }) {
    await together(ms, stretch('fileCallback'), fileCallback, (run) =>
      stat(import.meta.filename, run),
    )
  },

  async timers({ ms, stretch }) {
    await together(ms, stretch('dueTimer'), dueTimer, (run) => setTimeout(run, HOLD_MS / 2))
  },

  /** One after another: the loop looks in between, and nobody is held up for long. */
  async turns({ ms, stretch }) {
    await pieces(
      ms,
      (run) => stretch('turn')(run),
      turn,
      (next) => setImmediate(next),
    )
  },

  /** Busy every now and then until it is over. */
  async older({ stretch, record }) {
    for (let i = 0; i < 30; i++) {
      const woke = wait(record, 'older', 8, { exact: true })
      await sleep(8)
      woke()
      stretch('olderPiece')(() => olderPiece())
    }
  },

  async younger({ ms, stretch }) {
    await sleep(80)
    stretch('culprit')(() => outer(ms))
  },

  /** Nobody's: it was begun for a request that has long ended. */
  background({ ms, stretch }) {
    inBackground(() => stretch('loopOfNobody', 'background')(() => loopOfNobody(ms)))
  },

  /** One of many in one packet. */
  pipelined({ ms }) {
    pipelinedPiece(ms)
  },
}

// --- internal ---

let due = null
/** A timer that is there before any request; with it the loop never sleeps for long. */
export function keepTicking() {
  setInterval(() => {
    const run = due
    due = null
    run?.()
  }, 20).unref()
}

function inBackground(run) {
  due = run
}

function plainLoop(ms) {
  burn(ms)
}

function loopAfterAwait(ms) {
  burn(ms)
}

function loopInTimer(ms) {
  burn(ms)
}

function loopOfNobody(ms) {
  burn(ms)
}

function outer(ms) {
  return middle(ms)
}

function middle(ms) {
  const value = culprit(ms)
  return [value]
}

function culprit(ms) {
  return burn(ms)
}

function olderPiece() {
  burn(8)
}

function microtask(ms) {
  burn(ms)
}

function tick(ms) {
  burn(ms)
}

function immediate(ms) {
  burn(ms)
}

function fileCallback(ms) {
  burn(ms)
}

function dueTimer(ms) {
  burn(ms)
}

function turn(ms) {
  burn(ms)
}

function pipelinedPiece(ms) {
  burn(ms)
}

function waitForShell(ms) {
  execSync(`sleep ${ms / 1000}`)
}

let text = ''
/** What takes some tenths of a second; made before anything is clocked. */
function prepareText(ms) {
  const one = JSON.stringify({ id: 1, name: 'a name', tags: ['a', 'b'], price: 12.5, at: null })
  const some = (count) => `[${Array.from({ length: count }, () => one).join(',')}]`
  const sample = some(20_000)
  const start = now()
  JSON.parse(sample)
  text = some(Math.ceil((20_000 * ms * 1000) / (now() - start)))
}
prepareText(400)

function parseAll() {
  return JSON.parse(text)
}

/** Most of it is copied by the collector, and thrown away later. */
function litter(ms) {
  const end = now() + ms * 1000
  let kept = []
  while (now() < end) {
    for (let i = 0; i < 2000; i++) kept.push({ i, next: { i, list: [i] } })
    if (kept.length > 400_000) kept = []
  }
}

/** For about a half of the time. Node tells of no sweeping but that of `gc()`. */
function collect(ms) {
  const end = now() + ms * 1000
  const kept = Array.from({ length: 100_000 }, (_, i) => ({ i, next: { i } }))
  while (now() < end) {
    burn(5)
    globalThis.gc()
  }
  return kept.length
}

/** Each begins the next. */
function pieces(ms, clocked, run, begin) {
  return new Promise((resolve) => {
    let left = PIECES
    function piece() {
      clocked(() => run(ms / PIECES))
      if (--left === 0) resolve()
      else begin(piece)
    }
    begin(piece)
  })
}

/** All of them can run at once, when the loop is free. */
function together(ms, clocked, run, begin) {
  return new Promise((resolve) => {
    let left = PIECES
    for (let i = 0; i < PIECES; i++) {
      begin(() => {
        clocked(() => run(ms / PIECES))
        if (--left === 0) resolve()
      })
    }
    burn(HOLD_MS)
  })
}
