/**
 * 1,000 dumps merged: against `JSON.parse` of the same files in one process, and, as pprof, against
 * Go's own tool as whole processes.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDumps } from '../support/generate.mjs'
import { PROFVIEW, runNode, withDirectory } from '../support/programs.mjs'
import { times, turnAbout } from '../support/turn-about.mjs'

const DUMPS = 1000

if (process.argv[1] === fileURLToPath(import.meta.url))
  await compareInProcess(process.argv.slice(2))

export async function* merge() {
  yield* await withDirectory(async (dir) => [await overJson(dir), await overGo(dir)])
}

// --- internal ---

async function overJson(dir) {
  const files = writeDumps(join(dir, 'dumps'), DUMPS)
  const { out } = await runNode([fileURLToPath(import.meta.url), ...files])
  const { ours, json } = JSON.parse(out)
  return {
    row: 'merge of 1,000 dumps, over `JSON.parse` of the same bytes: time',
    unit: 'times',
    ...times(ours, json),
  }
}

/** In a process of its own, whose heap holds nothing else. The first round compiles. */
async function compareInProcess(files) {
  const { mergeProfiles, readProfile } = await import('profview')
  const variants = {
    json: () => files.map((file) => JSON.parse(readFileSync(file, 'utf8'))),
    ours: () => mergeProfiles(files.map((file) => readProfile(file))),
  }
  const time = (work) => {
    const start = performance.now()
    work()
    return performance.now() - start
  }
  await turnAbout(variants, 2, time)
  console.log(JSON.stringify(await turnAbout(variants, 9, time)))
}

async function overGo(dir) {
  const row = 'merge of 1,000 profiles as pprof, over `go tool pprof -proto`: time'
  if (spawnSync('go', ['tool', '-n', 'pprof']).status !== 0) return { row, note: 'no Go here' }
  const { readProfile, writeProfile } = await import('profview')
  const pprof = join(dir, 'pprof')
  mkdirSync(pprof)
  const files = writeDumps(join(dir, 'dumps'), DUMPS).map((file, i) => {
    const path = join(pprof, `${i}.pb.gz`)
    writeProfile(path, readProfile(file))
    return path
  })
  const variants = {
    ours: () => runNode([PROFVIEW, 'merge', ...files, '-o', join(dir, 'ours.pb.gz')]),
    go: () => runGo(['tool', 'pprof', '-proto', `-output=${join(dir, 'go.pb.gz')}`, ...files], dir),
  }
  await turnAbout(variants, 1, (run) => run())
  const { ours, go } = await turnAbout(variants, 5, async (run) => (await run()).ms)
  return { row, unit: 'times', ...times(ours, go) }
}

function runGo(args, home) {
  const start = performance.now()
  const env = { ...process.env, PPROF_TMPDIR: home }
  const { status, stderr } = spawnSync('go', args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`go: ${stderr}`)
  return { ms: performance.now() - start }
}
