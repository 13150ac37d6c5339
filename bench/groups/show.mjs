/**
 * `profview show` as whole processes: against a Node that does nothing, and against one that reads
 * the same file with `JSON.parse`.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { writeCpuprofile } from '../support/generate.mjs'
import { PROFVIEW, runNode, withDirectory } from '../support/programs.mjs'
import { summary } from '../support/statistics.mjs'
import { times, turnAbout } from '../support/turn-about.mjs'

/** Samples and nodes of a file of so many MB. */
const FILES = { 1: [50_000, 2500], 40: [1_300_000, 130_000], 400: [12_400_000, 1_240_000] }
const GIGABYTE = [30_000_000, 3_000_000]
const PARSE = 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))'

export async function* show() {
  yield* await withDirectory(measure)
}

// --- internal ---

async function measure(dir) {
  const rows = []
  const of = (runs, key) => runs.map((run) => run[key])
  const compare = async (mb, rounds, other) => {
    const file = join(dir, `${mb}.cpuprofile`)
    writeCpuprofile(file, ...FILES[mb])
    const programs = { show: [PROFVIEW, 'show', file], other: other(file) }
    const note = `${(statSync(file).size / 1e6).toFixed(1)} MB`
    await runNode(programs.show)
    return { note, ...(await turnAbout(programs, rounds, (args) => runNode(args))) }
  }
  const small = await compare(1, 15, () => ['-e', '0'])
  rows.push({
    row: '`show` of 1 MB, over `node -e 0`: time',
    unit: 'times',
    ...times(of(small.show, 'ms'), of(small.other, 'ms')),
    note: small.note,
  })
  let large = null
  for (const [mb, rounds] of [
    [40, 5],
    [400, 3],
  ]) {
    large = await compare(mb, rounds, (file) => ['-e', PARSE, file])
    for (const [key, what] of [
      ['ms', 'time'],
      ['megabytes', 'memory'],
    ]) {
      rows.push({
        row: `\`show\` of ${mb} MB, over \`JSON.parse\`: ${what}`,
        unit: 'times',
        ...times(of(large.show, key), of(large.other, key)),
        note: large.note,
      })
    }
  }
  const file = join(dir, '1000.cpuprofile')
  writeCpuprofile(file, ...GIGABYTE)
  const ratio = statSync(file).size / statSync(join(dir, '400.cpuprofile')).size
  const { huge } = await turnAbout({ huge: [PROFVIEW, 'show', file] }, 2, (args) => runNode(args))
  const gigabytes = statSync(file).size / 1e9
  const note = `${gigabytes.toFixed(2)} GB`
  rows.push({
    row: '`show` of 1 GB: memory',
    unit: 'MB',
    ...summary(of(huge, 'megabytes')),
    note,
  })
  const perByte = huge.map((run, i) => run.ms / large.show[i].ms / ratio)
  rows.push({
    row: '`show` of 1 GB: time, over 400 MB in proportion',
    unit: 'times',
    ...summary(perByte),
    note,
  })
  return rows
}
