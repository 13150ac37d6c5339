/** What each app does, whatever it is made with. */
import { setTimeout as sleep } from 'node:timers/promises'

export { sleep }

export async function findUser(id) {
  await sleep(5)
  return { id: Number(id), name: 'Ada' }
}

export async function findItems(order) {
  await sleep(5)
  return [{ order: Number(order), item: 'lamp' }]
}

/** Waits 30 ms and computes for 20, in a function of its own, and says how long. */
export async function clockedWork(name) {
  await sleep(30)
  const start = performance.now()
  WORK[name]()
  return { name, ms: performance.now() - start }
}

/** Lines of a report, each of which takes 4 ms to make. */
export async function* lines() {
  for (let i = 0; i < 4; i++) {
    await sleep(5)
    yield makeLine(i)
  }
}

/** The same as events. */
export async function* events() {
  for await (const line of lines()) yield `data: ${line}\n`
}

export async function sizeOf(chunks) {
  let size = 0
  for await (const chunk of chunks) size += chunk.length
  return size
}

// --- internal ---

/** One for each request of a test, to be told apart in profiles. */
const WORK = {
  a: function work_a() {
    spin(20)
  },
  b: function work_b() {
    spin(20)
  },
  c: function work_c() {
    spin(20)
  },
  d: function work_d() {
    spin(20)
  },
}

function makeLine(i) {
  spin(4)
  return `line ${i}\n`
}

function spin(ms) {
  for (const end = performance.now() + ms; performance.now() < end; );
}
