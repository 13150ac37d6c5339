import type { DiffSide, ProfileDiff } from '../../analysis/diff.js'
import type { Changes } from '../../analysis/diff-changes.js'
import { buildCallTree } from '../../profile/calltree.js'
import { frameHead, treeChunks } from '../json.js'
import { type DiffRow, diffRows, verdictName } from './diff-table.js'

/**
 * `{ unit, before, after, changeMicros, verdict, functions, tree }` in pieces of JSON. Times are
 * per request and include callees; a function and a node are `{ name, kind, file, line, column,
 * beforeMicros, afterMicros, changeMicros, samplesBefore, samplesAfter, verdict }`, a node has
 * `children`. A function's times are its own: what it ran for others is its `inTheWay`, `{
 * beforeMicros, afterMicros, changeMicros, verdict }` or null. `functions` holds those that have
 * changed, the largest change first. For another unit than time the numbers are in that unit.
 */
export function* diffJsonChunks(diff: ProfileDiff): Generator<string> {
  const { profile, before, after, stacks } = diff
  const head = {
    unit: profile.unit,
    before: sideOf(before),
    after: sideOf(after),
    changeMicros: after.perRequest - before.perRequest,
    verdict: verdictName(stacks.verdict[0]!),
    warnings: profile.warnings,
  }
  yield `${JSON.stringify(head).slice(0, -1)},\n"functions":[`
  let separator = ''
  for (const row of diffRows(diff)) {
    const facts = JSON.stringify(functionMembers(row)).slice(1)
    yield `${separator}{${frameHead(row.frame)},${facts}`
    separator = ',\n'
  }
  yield '],\n"tree":'
  const heads = profile.frames.map(frameHead)
  yield* treeChunks(
    buildCallTree(profile),
    (node) => stacks.before[node] !== 0 || stacks.after[node] !== 0,
    (node) => `${heads[profile.stacks.frame[node]!]},${membersOf(stacks, node)}`,
  )
  yield '}\n'
}

// --- internal ---

function sideOf({ name, requests, samples, perRequest }: DiffSide): object {
  return { name, requests, samples, perRequestMicros: perRequest }
}

function functionMembers({ inTheWay, ...own }: DiffRow): object {
  const { samplesBefore, samplesAfter, verdict } = own
  return {
    ...changeOf(own),
    samplesBefore,
    samplesAfter,
    verdict,
    inTheWay: inTheWay && { ...changeOf(inTheWay), verdict: inTheWay.verdict },
  }
}

function changeOf({ before, after }: { readonly before: number; readonly after: number }): object {
  return { beforeMicros: before, afterMicros: after, changeMicros: after - before }
}

function membersOf(changes: Changes, node: number): string {
  const facts = {
    ...changeOf({ before: changes.before[node]!, after: changes.after[node]! }),
    samplesBefore: changes.samplesBefore?.[node] ?? null,
    samplesAfter: changes.samplesAfter?.[node] ?? null,
    verdict: verdictName(changes.verdict[node]!),
  }
  return JSON.stringify(facts).slice(1, -1)
}
