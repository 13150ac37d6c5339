import { Int32Column } from '../../profile/columns.js'
import type { Frame, Profile } from '../../profile/profile.js'
import { ByteWriter } from '../shared/byte-writer.js'
import { markInTheWay } from '../shared/in-the-way.js'
import { pathSizes, requireWritable } from '../shared/path-sizes.js'
import { groupSamples, type SpeedscopeGroup } from './groups.js'

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'
const UNITS = {
  microseconds: 'microseconds',
  samples: 'none',
  bytes: 'bytes',
  delay: 'microseconds',
  counts: 'none',
} as const

/**
 * Writes version 0.6.0, sampled; several profiles where the labels tell requests or workers apart.
 * Who was in the way is marked.
 */
export function writeSpeedscope(unmarked: Profile): Uint8Array {
  const profile = markInTheWay(unmarked)
  const out = new ByteWriter()
  out.text(`{"$schema":"${SCHEMA}","exporter":"profview","name":${JSON.stringify(profile.name)}`)
  out.text(',"activeProfileIndex":0,\n"shared":{"frames":[')
  profile.frames.forEach((frame, i) => {
    out.text(i === 0 ? '\n' : ',\n').text(toSpeedscopeFrame(frame))
  })
  out.text(']},\n"profiles":[')
  const groups = groupSamples(profile)
  requireWritable(sizeOf(groups, profile))
  groups.forEach((group, i) => {
    out.text(i === 0 ? '\n' : ',\n')
    writeGroup(out, profile, group)
  })
  return out.text(']}\n').finish()
}

// --- internal ---

/** Digits, and brackets of a sample. */
const LONGEST_WEIGHT = 20

/** About what the samples take. */
function sizeOf(groups: readonly SpeedscopeGroup[], { stacks }: Profile): number {
  const sizes = pathSizes(stacks, (frame) => String(frame).length + 1)
  let size = 0
  for (const { stack } of groups) {
    for (let i = 0; i < stack.length; i++) size += sizes[stack.at(i)]! + LONGEST_WEIGHT
  }
  return size
}

function writeGroup(out: ByteWriter, profile: Profile, group: SpeedscopeGroup): void {
  const unit = UNITS[profile.unit]
  const start = profile.timeline ? profile.startMicros : 0
  out.text(`{"type":"sampled","name":${JSON.stringify(group.name)},"unit":"${unit}"`)
  out.text(`,"startValue":${start},"endValue":${start + group.total},\n"samples":[`)
  const { frame, parent } = profile.stacks
  const path = new Int32Column()
  for (let i = 0; i < group.stack.length; i++) {
    path.length = 0
    for (let stack = group.stack.at(i); stack > 0; stack = parent[stack]!) path.push(frame[stack]!)
    out.text(i === 0 ? '[' : ',[')
    for (let depth = path.length - 1; depth >= 0; depth--) {
      out.integer(path.at(depth))
      if (depth > 0) out.text(',')
    }
    out.text(']')
  }
  out.text('],\n"weights":[')
  for (let i = 0; i < group.weight.length; i++) {
    if (i > 0) out.text(',')
    out.integer(group.weight.at(i))
  }
  out.text(']}')
}

function toSpeedscopeFrame({ name, file, line, column }: Frame): string {
  return JSON.stringify({
    name,
    ...(file === '' ? {} : { file }),
    ...(line === 0 ? {} : { line }),
    ...(column === 0 ? {} : { col: column }),
  })
}
