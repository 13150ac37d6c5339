import type { Float64Column, Int32Column } from '../../profile/columns.js'
import type { TimeColumn } from '../shared/times.js'
import type { CallFrameReader } from './frames.js'
import type { NodeTable } from './node-table.js'
import type { ProfviewKey } from './profview-key.js'

/** The members of the file that matter, in whatever order they came. */
export interface CpuprofileMembers {
  nodes: NodeTable | null
  isHead: boolean
  /** Node ids, behind one free slot for the time before the first sample. */
  samples: Int32Column | null
  deltas: TimeColumn | null
  timestamps: Float64Column | null
  startTime: number | null
  endTime: number | null
  key: ProfviewKey | null
  readonly callFrames: CallFrameReader
}
