// 24 overlapping requests whose awaits nobody follows, each of which burns in a function of its own
// and leaves some of that behind. argv: the sampler's interval in µs. Prints whose each sample was,
// and how long each has run by its own clock and by its profile.
import { readFileSync } from 'node:fs'
import { WindowStore } from '../../dist/assembler/window-store.js'
import { ThreadSampler } from '../../dist/sampler/thread-sampler.js'
import { burn, sleep } from './waits.mjs'

const REQUESTS = 24
const intervalMicros = Number(process.argv[2])
const store = new WindowStore()
const functions = { frames: [], parent: [], frame: [] }
const ended = new Map()
/** Of the samples in somebody's own function, by what their label says. */
const samples = { own: 0, foreign: 0, unlabelled: 0 }
/** CPU times between two samples, ms. */
const gaps = []
const thread = new ThreadSampler(intervalMicros, {
  stacks(rows) {
    learn(rows)
    store.learn(rows)
  },
  window(window) {
    learn(window.table)
    for (let i = 0; i < window.sampleStack.length; i++) judge(window, i)
    store.add(window)
  },
  ended: (recording) => ended.get(recording)(),
})
// Or nobody would look at what comes after the last one's end.
thread.past.keep(60_000)
const idOf = new Map()

function learn(rows) {
  for (const name of ['frames', 'parent', 'frame']) functions[name].push(...rows[name])
}

function judge({ sampleStack, sampleContext, sampleCpu }, i) {
  gaps.push(sampleCpu[i])
  for (let id = sampleStack[i]; id > 0; id = functions.parent[id]) {
    const { name } = functions.frames[functions.frame[id]]
    if (!idOf.has(name)) continue
    const label = sampleContext[i]
    samples[label === 0 ? 'unlabelled' : label === idOf.get(name) ? 'own' : 'foreign']++
    return
  }
}

const PAUSES = [
  () => null,
  () => new Promise((resolve) => setImmediate(resolve)),
  () => sleep(3),
  () => new Promise((resolve) => process.nextTick(resolve)),
  () => sleep(0),
]

/** The thread's time on the CPU, ms; what a busy machine takes away is no part of it. */
function threadCpu() {
  // Brings the system's own count up to date.
  process.cpuUsage()
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6
}

/** Resolves to what its own clock says, and what its profile says, ms. */
async function request(k) {
  const name = `own_${k}`
  const own = new Function('burn', `return function ${name}(ms) { return burn(ms) }`)(burn)
  const recording = thread.begin(() => `GET /${k}`, 'labels')
  idOf.set(name, recording.id)
  const handedOver = new Promise((resolve) => ended.set(recording, resolve))
  let clocked = 0
  await thread.run(recording, async () => {
    for (let i = 0; i < 30; i++) {
      const before = threadCpu()
      own(((i * 7 + k) % 20) / 8)
      clocked += threadCpu() - before
      await PAUSES[(i + k) % PAUSES.length]()
      // Some of these come after its end.
      if (i % 7 === 0) setTimeout(() => idOf.has(name) && own(0.5), 40)
    }
    thread.end(recording)
  })
  await handedOver
  return { clocked, told: ranIn(recording, name) }
}

/** How long its own function ran on the CPU, as its profile has it, ms. */
function ranIn(recording, name) {
  const meta = { kind: 'function', intervalMicros, attribution: 'request' }
  const profile = store.finish({
    contextId: recording.id,
    start: recording.startedAt,
    end: recording.endedAt,
    hasRunSegments: false,
    chain: thread.chainOf(recording),
    labelled: thread.labelled,
    labelsAll: thread.labelsAll,
    queueing: null,
    meta: { ...meta, awaits: false, warnings: [] },
  })
  const { stacks, frames, samples } = profile
  let micros = 0
  samples.stack.forEach((stack, i) => {
    const names = new Set()
    for (let at = stack; at > 0; at = stacks.parent[at]) names.add(frames[stacks.frame[at]].name)
    // What ran for others meanwhile is below `[blocked]`.
    if (!names.has('[blocked]') && !names.has('[off-CPU]') && names.has(name))
      micros += samples.weight[i]
  })
  return micros / 1000
}

const alive = setInterval(() => {}, 1000)
const all = await Promise.all(
  Array.from({ length: REQUESTS }, (_, k) => sleep(k % 5).then(() => request(k))),
)
await sleep(300)
thread.flush()
clearInterval(alive)
console.log(JSON.stringify({ samples, all, gaps }))
process.exit()
