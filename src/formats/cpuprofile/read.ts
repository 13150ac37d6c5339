import { ProfviewError } from '../../errors.js'
import { ProfileBuilder } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import { routeOf } from '../../profile/labels.js'
import type { Profile, SampleTable, Unit } from '../../profile/profile.js'
import { baseName } from '../format.js'
import { PROFVIEW_KEY } from '../shared/dump-meta.js'
import { JsonScanner } from '../shared/json-scanner.js'
import { readAtOnce } from './at-once.js'
import { CallFrameReader } from './frames.js'
import { spreadHitCounts, spreadSamples } from './hits.js'
import { estimateElements, NodeIds } from './ids.js'
import type { LongLists } from './lists.js'
import type { CpuprofileMembers } from './members.js'
import { type NodeTable, readHead, readNodes } from './nodes.js'
import { expandLabels, type ProfviewKey, placeWaits, readProfviewKey } from './profview-key.js'
import { fromTimestamps, toTimeline } from './timeline.js'
import { checkTime, readTimes } from './times.js'
import { linkNodes, type NodeStacks, unknownStack } from './tree.js'

/**
 * Reads V8's `.cpuprofile`
 * (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile), the older form
 * with a nested `head`, and ours. Times are microseconds. A sample owns the time until the next
 * one, the last one until `endTime`, `[unknown]` the time before the first: the weights add up to
 * `endTime - startTime`. `lists`: what was taken out of the bytes before (`ListReader`). Throws
 * `BAD_INPUT` with the place, `NEWER_VERSION` for a later dump.
 */
export function readCpuprofile(
  bytes: Uint8Array,
  fileName: string,
  lists: LongLists = NO_LISTS,
): Profile {
  let builder = new ProfileBuilder()
  let file = lists === NO_LISTS ? readAtOnce(bytes, builder) : null
  if (file === null) {
    builder = new ProfileBuilder()
    file = readMembers(new JsonScanner(bytes), builder, lists)
  }
  if (file.nodes === null)
    throw new ProfviewError('BAD_INPUT', 'not a CPU profile: it has no nodes')
  const warnings = [...(file.key?.warnings ?? [])]
  const stacks = linkNodes(file.nodes, builder)
  count(warnings, stacks.missingChildren, 'child that is not in the file was left out')
  count(warnings, file.callFrames.unnamed, 'node without a function name is shown as (anonymous)')
  const { samples, unit } = readSamples(file, file.nodes, stacks, builder, warnings)
  const { key } = file
  const profile = builder.build(
    {
      name: nameOf(key, fileName),
      unit: key?.unit ?? unit,
      timeline: (key?.timeline ?? true) && file.samples !== null && unit === 'microseconds',
      startMicros: Math.round(file.startTime ?? 0),
      sources: key?.sources ?? [],
      warnings,
    },
    samples,
  )
  if (key === null) return profile
  const { waits, lost } = placeWaits(key, profile, stacks.ofId, builder)
  count(warnings, lost, 'wait at no [await] of the file was left out')
  return { ...profile, waits, ...(key.unknown && { unknown: key.unknown }) }
}

// --- internal ---

const NO_LISTS: LongLists = { samples: null, timeDeltas: null }

function readMembers(
  scanner: JsonScanner,
  builder: ProfileBuilder,
  lists: LongLists,
): CpuprofileMembers {
  const ids = new NodeIds(scanner)
  const callFrames = new CallFrameReader(scanner, builder)
  const file: CpuprofileMembers = {
    nodes: null,
    isHead: false,
    samples: lists.samples,
    deltas: lists.timeDeltas,
    timestamps: null,
    startTime: null,
    endTime: null,
    key: null,
    callFrames,
  }
  scanner.members((key) => {
    if (key in lists && lists[key as keyof LongLists] !== null) scanner.skip()
    else if (key === 'nodes') file.nodes = readNodes({ scanner, ids, callFrames })
    else if (key === 'head') {
      file.nodes = readHead({ scanner, ids, callFrames })
      file.isHead = true
    } else if (key === 'samples') {
      file.samples = new Int32Column(estimateElements(scanner) + 1)
      file.samples.push(0)
      ids.readAll(() => 'samples', 0, file.samples)
    } else if (key === 'timeDeltas' || key === 'timestamps') {
      const times = new Float64Column(estimateElements(scanner) + 1)
      readTimes(scanner, key, times)
      file[key === 'timeDeltas' ? 'deltas' : key] = times
    } else if (key === 'startTime' || key === 'endTime') {
      file[key] = checkTime(scanner.value(), key)
    } else if (key === PROFVIEW_KEY) file.key = readProfviewKey(scanner.value())
    else scanner.skip()
  })
  scanner.end()
  return file
}

function readSamples(
  file: CpuprofileMembers,
  nodes: NodeTable,
  stacks: NodeStacks,
  builder: ProfileBuilder,
  warnings: string[],
): { samples: SampleTable; unit: Unit } {
  if (file.samples === null || file.samples.length === 1) {
    return spreadHitCounts(nodes, stacks, file)
  }
  const stack = file.samples.finish()
  const unknown = resolveIds(stack, stacks, builder)
  count(warnings, unknown, 'sample of a node that is not in the file is shown as [unknown]')
  if (file.deltas === null) {
    if (file.timestamps === null) return spreadSamples(stack, file)
    file.deltas = fromTimestamps(file.timestamps, file)
  }
  const lengths = { samples: stack.length - 1, times: file.deltas.length }
  if (lengths.samples !== lengths.times) {
    warnings.push(
      `${lengths.samples} samples but ${lengths.times} times: what is beyond both was left out`,
    )
  }
  const labels = file.key === null ? null : expandLabels(file.key, lengths.samples, builder)
  const timeline = toTimeline(stack, file.deltas, labels, {
    startTime: file.startTime ?? 0,
    endTime: file.endTime,
    dropEmpty: file.key !== null,
    unknown: () => unknownStack(builder),
  })
  count(warnings, timeline.unordered, 'sample was not in the order of time and has been moved')
  return { samples: timeline.samples, unit: 'microseconds' }
}

/** Node ids → stacks, in place, from slot 1. The number of ids that name no node. */
function resolveIds(column: Int32Array, stacks: NodeStacks, builder: ProfileBuilder): number {
  let unknown = 0
  for (let i = 1; i < column.length; i++) {
    const stack = stacks.ofId(column[i]!)
    if (stack === -1) unknown++
    column[i] = stack === -1 ? unknownStack(builder) : stack
  }
  return unknown
}

function nameOf(key: ProfviewKey | null, fileName: string): string {
  const source = key?.sources.length === 1 ? key.sources[0] : undefined
  return key?.name ?? ((source && routeOf(source)) || baseName(fileName))
}

function count(warnings: string[], times: number, what: string): void {
  if (times > 0) warnings.push(times === 1 ? `1 ${what}` : `${times} times: ${what}`)
}
