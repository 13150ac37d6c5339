/**
 * Half of the time in `collatz`, some in a recursion and in a function without a name, and a wait:
 * the same for every tool. With `--worker`, in a thread as well.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const BURN_MS = 120

export function collatz(from) {
  let steps = 0
  for (let at = from; at !== 1; at = at % 2 === 0 ? at / 2 : 3 * at + 1) steps++
  return steps
}

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)
}

const unnamed = [(text) => JSON.stringify(JSON.parse(text)), (text) => [...text].reverse().join('')]
const TEXT = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ id: i, name: `n${i}` })))

export function burn(ms = BURN_MS) {
  const end = Date.now() + ms
  let sum = 0
  while (Date.now() < end) {
    for (let i = 1; i < 4000; i++) sum += collatz(i)
    sum += fibonacci(21)
    for (const each of unnamed) sum += each(TEXT).length
  }
  return sum
}

async function main() {
  burn()
  await sleep(20)
  burn(BURN_MS / 2)
}

if (process.argv.includes('--worker')) {
  const { Worker } = await import('node:worker_threads')
  const worker = new Worker(new URL(import.meta.url), { argv: [] })
  await Promise.all([main(), new Promise((resolve) => worker.once('exit', resolve))])
} else if (!process.argv.includes('--no-run')) {
  await main()
}
