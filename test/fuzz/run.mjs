/**
 * `npm run fuzz [-- mutants [first]]`: that many files that are nearly profiles, in two threads of
 * limited memory that are watched. Prints one line for each that is not read as it should be, keeps
 * it under `crashers/`, and exits 1 then.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { houseOf, judge } from './judge.mjs'
import { mutant, seeds } from './mutants.mjs'

const THREADS = 2
/** One mutant; a few take as much as a millisecond. */
const LONGEST_MS = 20_000
const MEMORY_MB = 768

if (isMainThread) await main()
else await work()

async function main() {
  const [count = 20_000, first = 0] = process.argv.slice(2).map(Number)
  const started = performance.now()
  const outcomes = await Promise.all(
    Array.from({ length: THREADS }, (_, thread) => runThread({ count, first, thread })),
  )
  const faults = outcomes.flatMap(({ faults }) => faults)
  for (const { number, fault } of faults) {
    console.log(`mutant ${number}: ${fault}`)
    keep(number)
  }
  const read = outcomes.reduce((sum, outcome) => sum + outcome.read, 0)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${count} mutants, ${read} read, ${faults.length} faults, ${seconds} s`)
  process.exitCode = faults.length > 0 ? 1 : 0
}

/** A thread that hangs or dies is one fault, and another goes on behind it. */
async function runThread(range) {
  const total = { read: 0, faults: [] }
  let from = range.first + range.thread
  for (;;) {
    const progress = new Int32Array(new SharedArrayBuffer(8))
    const outcome = await watched({ ...range, from, progress })
    total.read += progress[1]
    total.faults.push(...outcome.faults)
    if (outcome.died === '') return total
    total.faults.push({ number: progress[0], fault: outcome.died })
    from = progress[0] + THREADS
  }
}

function watched(data) {
  const faults = []
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    let latest = -1
    let since = performance.now()
    const end = (died) => {
      clearInterval(timer)
      worker.terminate()
      resolve({ faults, died })
    }
    const timer = setInterval(() => {
      if (data.progress[0] !== latest) since = performance.now()
      latest = data.progress[0]
      if (performance.now() - since > LONGEST_MS) end('hangs')
    }, 500)
    worker.on('message', (message) => (message === 'done' ? end('') : faults.push(message)))
    worker.on('error', (error) => end(`the thread died: ${error.message}`))
  })
}

async function work() {
  const { count, first, from, progress } = workerData
  const house = await loadHouse()
  const all = seeds()
  for (let number = from; number < first + count; number += THREADS) {
    progress[0] = number
    const found = mutant(number, all)
    const counting = {
      ...house,
      read: (...args) => {
        const profile = house.read(...args)
        if (args[1] === found.name) progress[1]++
        return profile
      },
    }
    const fault = judge(found, counting)
    if (fault !== null) parentPort.postMessage({ number, fault })
  }
  parentPort.postMessage('done')
}

/** What is built, file by file. */
async function loadHouse() {
  const load = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href)
  const [registry, { inflate }, { Budget, memoryFor, withBudget }, { totalWeight }, merge] =
    await Promise.all([
      load('formats/registry.js'),
      load('store/gzip.js'),
      load('profile/budget.js'),
      load('profile/calltree.js'),
      load('transform/merge.js'),
    ])
  return houseOf({ ...registry, ...merge, inflate, Budget, memoryFor, withBudget, totalWeight })
}

function keep(number) {
  const dir = new URL('./crashers/', import.meta.url)
  mkdirSync(dir, { recursive: true })
  const { name, bytes } = mutant(number, seeds())
  writeFileSync(new URL(`${number}-${name}`, dir), bytes)
}
