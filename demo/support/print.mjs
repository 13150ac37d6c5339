export function say(text) {
  console.log(`\n${text}`)
}

/** What happens while it happens: one line that changes on a terminal, a few lines elsewhere. */
export function progress() {
  const isTerminal = process.stdout.isTTY === true
  let text = ''
  let shownAt = 0
  return {
    update({ requests, profiled }) {
      text = `  ${requests} requests, ${profiled} of them profiled`
      const now = performance.now()
      if (now - shownAt < (isTerminal ? 100 : 1000)) return
      shownAt = now
      process.stdout.write(isTerminal ? `\r${text}` : `${text}\n`)
    },
    end() {
      process.stdout.write(isTerminal ? `\r${text}\n` : `${text}\n`)
    },
  }
}

/** One line for each worker. */
export function table(dumps) {
  const workers = groupBy(dumps, workerOf)
  console.log('\n  worker      pid  requests       time      cpu    await  blocked, up to')
  for (const [worker, own] of [...workers].sort(([a], [b]) => a - b)) {
    const pid = own[0].process.pid
    const time = sum(own, ({ durationMicros }) => durationMicros)
    const [cpu, waited, blocked] = ['cpu', 'await', 'blocked'].map((account) => {
      const share = sum(own, ({ ledger }) => ledger[account]) / time
      return `${(share * 100).toFixed(1)} %`
    })
    const shares = [cpu.padStart(9), waited.padStart(9), blocked.padStart(16)]
    const millis = `${(time / 1e6).toFixed(2)} s`.padStart(11)
    const numbers = `${String(pid).padStart(9)}${String(own.length).padStart(10)}`
    console.log(`  ${String(worker).padStart(6)}${numbers}${millis}${shares.join('')}`)
  }
}

function workerOf(dump) {
  return dump.process.workerId
}

function groupBy(items, keyOf) {
  const groups = new Map()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

function sum(items, amountOf) {
  return items.reduce((total, item) => total + amountOf(item), 0)
}
