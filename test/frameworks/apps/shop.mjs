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

/** Waits 30 ms and computes for 20, in a function of its own. */
export async function clockedWork(name) {
  await sleep(30)
  busy(name, 20)
  return { name }
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

function makeLine(i) {
  busy('line', 4)
  return `line ${i}\n`
}

/** So many ms, in a function `own_…` of this name, to be told apart in profiles; clocked.mjs. */
function busy(name, ms) {
  const { bursts } = globalThis
  functions[name] ??= bursts.of(`own_${name}`)
  functions[name](ms)
}

const functions = {}
