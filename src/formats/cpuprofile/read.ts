import { ProfviewError } from '../../errors.js'
import { ProfileBuilder } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import { routeOf } from '../../profile/labels.js'
import type { Profile, SampleTable, Unit } from '../../profile/profile.js'
import { baseName, type ReadWishes } from '../format.js'
import { bad } from '../shared/bad.js'
import type { ByteSource } from '../shared/byte-window.js'
import { PROFVIEW_KEY } from '../shared/dump-meta.js'
import { JsonScanner } from '../shared/json-scanner.js'
import { isReply } from '../shared/json-sniff.js'
import { estimateElements } from '../shared/plain-numbers.js'
import { checkTime, readTimes } from '../shared/times.js'
import { warnOf } from '../shared/warn.js'
import { readAtOnce } from './at-once.js'
import { CallFrameReader } from './frames.js'
import { spreadHitCounts, spreadSamples } from './hits.js'
import { NodeIds } from './ids.js'
import type { CpuprofileMembers } from './members.js'
import type { NodeTable } from './node-table.js'
import { readHead, readNodes } from './nodes.js'
import { expandLabels, type ProfviewKey, placeWaits, readProfviewKey } from './profview-key.js'
import { toSums } from './sums.js'
import { fromTimestamps, toTimeline } from './timeline.js'
import { linkNodes, type NodeStacks, resolveIds, unknownStack } from './tree.js'

/**
 * Reads V8's `.cpuprofile`
 * (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile), the older form
 * with a nested `head`, and ours. Times are microseconds. A sample owns the time until the next
 * one, the last one until `endTime`, `[unknown]` the time before the first: the weights add up to
 * `endTime - startTime`. Throws `BAD_INPUT` with the place, `NEWER_VERSION` for a later dump.
 */
export function readCpuprofile(
  from: Uint8Array | ByteSource,
  fileName: string,
  wishes: ReadWishes = {},
): Profile {
  let builder = new ProfileBuilder()
  let file = from instanceof Uint8Array ? readAtOnce(from, builder, wishes) : null
  if (file === null) {
    builder = new ProfileBuilder()
    file = readMembers(new JsonScanner(from), builder, wishes)
  }
  if (file.nodes === null)
    throw new ProfviewError('BAD_INPUT', 'not a CPU profile: it has no nodes')
  const warnings = [...(file.key?.warnings ?? [])]
  const stacks = linkNodes(file.nodes, builder)
  const [orphan] = stacks.orphans
  if (orphan !== undefined) throw bad(`nodes[${orphan}].parent`, 'is not in the file')
  if (file.callFrames.unnamed > 0 && file.callFrames.unnamed >= file.nodes.id.length)
    throw new ProfviewError('BAD_INPUT', 'not a CPU profile: none of its nodes is a function')
  warnOf(warnings, stacks.missingChildren, 'child that is not in the file was left out')
  warnOf(warnings, file.callFrames.unnamed, 'node without a function name is shown as (anonymous)')
  const { samples, unit } = readSamples(file, file.nodes, stacks, builder, warnings, wishes)
  const { key } = file
  const hasOrder = file.samples !== null && unit === 'microseconds' && !samples.count
  const profile = builder.build(
    {
      name: nameOf(key, fileName),
      unit: key?.unit ?? unit,
      timeline: (key?.timeline ?? true) && hasOrder,
      startMicros: Math.round(file.startTime ?? 0),
      sources: key?.sources ?? [],
      warnings,
    },
    samples,
  )
  if (key === null) return profile
  const { waits, lost } = placeWaits(key, profile, stacks.ofId, builder)
  warnOf(warnings, lost, 'wait at no [await] of the file was left out')
  return { ...profile, waits, ...(key.unknown && { unknown: key.unknown }) }
}

// --- internal ---

function readMembers(
  scanner: JsonScanner,
  builder: ProfileBuilder,
  { summed }: ReadWishes,
): CpuprofileMembers {
  const value = () => scanner.value()
  const ids = new NodeIds(scanner)
  const callFrames = new CallFrameReader(scanner, builder)
  const file: CpuprofileMembers = {
    nodes: null,
    isHead: false,
    samples: null,
    deltas: null,
    timestamps: null,
    startTime: null,
    endTime: null,
    key: null,
    callFrames,
  }
  const atObject = () => scanner.atObject()
  const length = () => file.samples?.length ?? file.deltas?.length ?? estimateElements(scanner)
  let depth = 0
  const readMember = (key: string): void => {
    // What is around the profile in a reply has no nodes of its own.
    if (isReply(key) && file.nodes === null && depth < 2 && scanner.whole(atObject)) {
      depth++
      scanner.members(readMember)
      depth--
    } else if (key === 'nodes') file.nodes = readNodes({ scanner, ids, callFrames })
    else if (key === 'head') {
      file.nodes = readHead({ scanner, ids, callFrames })
      file.isHead = true
    } else if (key === 'samples') {
      file.samples = new Int32Column(length() + 1)
      file.samples.push(0)
      ids.readAll(() => 'samples', 0, file.samples)
    } else if (key === 'timeDeltas' || key === 'timestamps') {
      if (key === 'timestamps') {
        file.timestamps = readTimes(scanner, key, new Float64Column(length()))
      } else {
        const times = summed ? new Int32Column(length()) : new Float64Column(length())
        file.deltas = readTimes(scanner, key, times)
      }
    } else if (key === 'startTime' || key === 'endTime') {
      file[key] = checkTime(scanner.whole(value), key)
    } else if (key === PROFVIEW_KEY) file.key = readProfviewKey(scanner.whole(value))
    else scanner.skipLong()
  }
  scanner.members(readMember)
  scanner.end()
  return file
}

function readSamples(
  file: CpuprofileMembers,
  nodes: NodeTable,
  stacks: NodeStacks,
  builder: ProfileBuilder,
  warnings: string[],
  { summed }: ReadWishes,
): { samples: SampleTable; unit: Unit } {
  if (file.samples === null || file.samples.length === 1) {
    return spreadHitCounts(nodes, stacks, file)
  }
  const { storage, length } = file.samples
  // Sums are made of it, and it is gone: its slack is not worth a copy.
  const stack = summed ? storage.subarray(0, length) : file.samples.finish()
  const resolve = () => {
    const lost = resolveIds(stack, stacks, builder)
    warnOf(warnings, lost, 'sample of a node that is not in the file is shown as [unknown]')
  }
  if (file.deltas === null) {
    if (file.timestamps === null) {
      resolve()
      return spreadSamples(stack, file)
    }
    file.deltas = fromTimestamps(file.timestamps, file)
  }
  const lengths = { samples: stack.length - 1, times: file.deltas.length }
  const times = { startTime: file.startTime ?? 0, endTime: file.endTime }
  const unknown = () => unknownStack(builder)
  if (summed && file.key === null) {
    const sums = toSums(stack, file.deltas, times, stacks, unknown)
    if (sums !== null) return { samples: sums, unit: 'microseconds' }
  }
  resolve()
  if (lengths.samples !== lengths.times) {
    warnings.push(
      `${lengths.samples} samples but ${lengths.times} times: what is beyond both was left out`,
    )
  }
  const labels = file.key === null ? null : expandLabels(file.key, lengths.samples, builder)
  const deltas = file.deltas instanceof Int32Column ? file.deltas.widened() : file.deltas
  const facts = { ...times, dropEmpty: file.key !== null, unknown }
  const timeline = toTimeline(stack, deltas, labels, facts)
  warnOf(warnings, timeline.unordered, 'sample was not in the order of time and has been moved')
  return { samples: timeline.samples, unit: 'microseconds' }
}

function nameOf(key: ProfviewKey | null, fileName: string): string {
  const source = key?.sources.length === 1 ? key.sources[0] : undefined
  return key?.name ?? ((source && routeOf(source)) || baseName(fileName))
}
