/** The command line as users call it. Children that still run are ended by `stopChildren`. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/profview.js', import.meta.url))
const running = new Set()

/** Resolves to what it printed. */
export async function profview(...args) {
  const child = start(args, 'pipe')
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  await succeeded(child, args)
  return out
}

/** Prints the command and what it prints: all of it, or so many lines. */
export async function showProfview(args, { lines = Number.POSITIVE_INFINITY } = {}) {
  console.log(`\n$ ${commandOf(args)}`)
  if (lines === Number.POSITIVE_INFINITY) return succeeded(start(args, 'inherit'), args)
  const all = (await profview(...args)).trimEnd().split('\n')
  console.log(all.slice(0, lines).join('\n'))
  if (all.length > lines) console.log(`… and ${all.length - lines} lines more`)
}

/** Until somebody ends it. In this process, so that nothing outlives it. */
export async function serveViewer(dir) {
  const args = ['open', dir, '--no-open']
  console.log(`\n$ ${commandOf(args)}`)
  const { main } = await import('../../dist/bundle/main.js')
  await main(args)
}

/** As it works from any directory: `npx` knows of a clone only inside it. */
function commandOf(args) {
  const quoted = [BIN, ...args].map((arg) => (/^[\w./:=@-]+$/.test(arg) ? arg : `'${arg}'`))
  return `node ${quoted.join(' ')}`
}

export function stopChildren() {
  for (const child of running) child.kill('SIGTERM')
}

function start(args, stdout) {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', stdout, 'inherit'] })
  running.add(child)
  return child
}

function succeeded(child, args) {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      running.delete(child)
      if (code === 0) resolve()
      else reject(new Error(`profview ${args[0]} ended with ${code}`))
    })
  })
}
