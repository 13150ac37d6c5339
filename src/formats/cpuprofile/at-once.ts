import type { ProfileBuilder } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { ReadWishes } from '../format.js'
import { isRecord, PROFVIEW_KEY } from '../shared/dump-meta.js'
import { JsonScanner } from '../shared/json-scanner.js'
import { decodeUtf8 } from '../shared/text.js'
import type { TimeColumn } from '../shared/times.js'
import { CallFrameReader, type RawCallFrame } from './frames.js'
import { isSmallId } from './ids.js'
import type { CpuprofileMembers } from './members.js'
import { emptyTable, type NodeTable } from './node-table.js'
import { hitCount } from './nodes.js'
import { readProfviewKey } from './profview-key.js'

/** Below, walking the bytes is quick enough; above, the objects would take too much memory. */
const SMALLEST = 128 * 1024
const LARGEST = 4 * 1024 * 1024

/**
 * The members of a file that one command looks at: the engine's own parser is many times faster
 * than a walk over the bytes that has not been compiled yet. Null for whatever is not exactly as V8
 * and we write it, and for files of other sizes: they are walked, and judged there. The builder may
 * have been used then.
 */
export function readAtOnce(
  bytes: Uint8Array,
  builder: ProfileBuilder,
  { summed }: ReadWishes = {},
): CpuprofileMembers | null {
  if (bytes.length < SMALLEST || bytes.length > LARGEST) return null
  const raw = parse(bytes)
  if (!isRecord(raw) || 'head' in raw || 'timestamps' in raw) return null
  const { startTime, endTime } = raw
  if (typeof startTime !== 'number' || typeof endTime !== 'number') return null
  const callFrames = new CallFrameReader(new JsonScanner(bytes), builder)
  const nodes = nodesOf(raw.nodes, callFrames)
  const samples = idsOf(raw.samples, 1)
  const deltas = timesOf(raw.timeDeltas, summed ? new Int32Column() : new Float64Column())
  if (nodes === null || samples === null || deltas === null) return null
  const key = PROFVIEW_KEY in raw ? readProfviewKey(raw[PROFVIEW_KEY]) : null
  return {
    nodes,
    isHead: false,
    samples,
    deltas,
    timestamps: null,
    startTime,
    endTime,
    key,
    callFrames,
  }
}

// --- internal ---

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes))
  } catch {
    return null
  }
}

function nodesOf(raw: unknown, callFrames: CallFrameReader): NodeTable | null {
  if (!Array.isArray(raw)) return null
  const table = emptyTable()
  for (let row = 0; row < raw.length; row++) {
    const node: unknown = raw[row]
    if (!isRecord(node) || !isSmallId(node.id) || !isRecord(node.callFrame)) return null
    if ('parent' in node) return null
    const { children = [] } = node
    if (!Array.isArray(children)) return null
    for (const child of children) {
      if (!isSmallId(child)) return null
      table.edgeParent.push(row)
      table.edgeChild.push(child)
    }
    table.id.push(node.id)
    table.frame.push(callFrames.fromRaw(node.callFrame as RawCallFrame))
    table.hitCount.push(hitCount(node.hitCount))
  }
  return table
}

/** Behind so many free slots. */
function idsOf(raw: unknown, free: number): Int32Column | null {
  if (!Array.isArray(raw)) return null
  const ids = new Int32Column(free + raw.length)
  for (let i = 0; i < free; i++) ids.push(0)
  for (let i = 0; i < raw.length; i++) {
    if (!isSmallId(raw[i])) return null
    ids.push(raw[i])
  }
  return ids
}

/** Into the column, or one of wider numbers where it must. */
function timesOf(raw: unknown, column: TimeColumn): TimeColumn | null {
  if (!Array.isArray(raw)) return null
  let times = column
  for (let i = 0; i < raw.length; i++) {
    if (!Number.isFinite(raw[i])) return null
    if (times instanceof Int32Column && (raw[i] | 0) !== raw[i]) times = times.widened()
    times.push(raw[i])
  }
  return times
}
