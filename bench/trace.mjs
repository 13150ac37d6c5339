// A trace of 200 MB and one of 1 GB: how long it takes to read them, in how much memory, beside
// `JSON.parse` of the smaller one. `node bench/trace.mjs`; needs what `npm run build` makes, and
// 1.2 GB of room in the temporary folder.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SIZES = [200e6, 1000e6]
const READER = new URL('../dist/store/profile-file.js', import.meta.url).href
/** One of twenty events is a piece of a profile, as in traces of the Performance panel. */
const OTHERS = 19

const [, , task, path] = process.argv
if (task === 'parse') report(() => JSON.parse(readFileSync(path, 'utf8')).traceEvents.length)
else if (task === 'read') {
  const { readProfileFile } = await import(READER)
  report(() => readProfileFile(path).samples.weight.reduce((sum, weight) => sum + weight, 0))
} else measure()

function measure() {
  const dir = mkdtempSync(join(tmpdir(), 'profview-trace-'))
  try {
    for (const size of SIZES) {
      const file = join(dir, 'trace.json')
      const span = write(file, size)
      console.log(`${size / 1e6} MB, a span of ${span} µs`)
      if (size < 500e6) console.log('  JSON.parse     ', run('parse', file))
      console.log('  readProfileFile', run('read', file))
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function run(name, file) {
  const args = ['--max-old-space-size=1800', fileURLToPath(import.meta.url), name, file]
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
}

function report(work) {
  const start = performance.now()
  const result = work()
  const seconds = ((performance.now() - start) / 1000).toFixed(2)
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(`${seconds} s, peak ${peak} MB, result ${result}`)
}

/** The span of its profile. */
function write(file, size) {
  const fd = openSync(file, 'w')
  let written = 0
  let [id, time, count] = [1, 0, 0]
  const put = (text) => {
    written += writeSync(fd, text)
  }
  put('{"traceEvents":[\n')
  put(JSON.stringify(event('Profile', 0, { data: { startTime: 0 } })))
  while (written < size) {
    const events = []
    for (let i = 0; i < 50; i++) {
      for (let other = 0; other < OTHERS; other++) events.push(taskAt(count++, time))
      const samples = Array.from({ length: 60 }, (_, at) => 1 + ((count + at) % id))
      const nodes = id < 50_000 ? [node(id++)] : []
      events.push(
        event('ProfileChunk', time, {
          data: { cpuProfile: { nodes, samples }, timeDeltas: samples.map(() => 125) },
        }),
      )
      time += 125 * samples.length
    }
    put(`,\n${events.map((each) => JSON.stringify(each)).join(',\n')}`)
  }
  put('\n]}')
  closeSync(fd)
  return time
}

function node(id) {
  const callFrame = { functionName: `f${id % 997}`, url: 'https://example.com/app.js', scriptId: 7 }
  const place = { lineNumber: id % 997, columnNumber: 10 }
  return { id, callFrame: { ...callFrame, ...place }, ...(id > 1 && { parent: id >> 1 }) }
}

function taskAt(count, ts) {
  const data = { frame: 'A1B2C3', type: 'mousemove', stack: `at f${count} (app.js:1:2)` }
  return { ...event('EventDispatch', ts, { data }), ph: 'X', dur: count % 90, tts: count }
}

function event(name, ts, args) {
  return { args, cat: 'devtools.timeline', id: '0x1', name, ph: 'P', pid: 71, tid: 1, ts }
}
