import { Float64Column, Int32Column } from '../profile/columns.js'
import { REQUEST_LABEL, ROUTE_LABEL, WORKER_LABEL } from '../profile/labels.js'
import type { Frame, Labels, Profile } from '../profile/profile.js'
import { ByteWriter } from './byte-writer.js'

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json'
const UNITS = { microseconds: 'microseconds', samples: 'none', bytes: 'bytes' } as const

/**
 * Writes version 0.6.0, sampled: one profile for each request (else worker, else imported profile)
 * that the labels name, a single one without labels. Equal stacks in a row become one sample.
 */
export function writeSpeedscope(profile: Profile): Uint8Array {
  const out = new ByteWriter()
  out.text(`{"$schema":"${SCHEMA}","exporter":"profview","name":${JSON.stringify(profile.name)}`)
  out.text(',"activeProfileIndex":0,\n"shared":{"frames":[')
  profile.frames.forEach((frame, i) => {
    out.text(i === 0 ? '\n' : ',\n').text(toSpeedscopeFrame(frame))
  })
  out.text(']},\n"profiles":[')
  const groups = groupSamples(profile)
  let separator = '\n'
  for (const [name, group] of groups) {
    out.text(separator)
    writeGroup(out, profile, name || profile.name, group)
    separator = ',\n'
  }
  return out.text(']}\n').finish()
}

// --- internal ---

interface Group {
  readonly stack: Int32Column
  readonly weight: Float64Column
  total: number
}

function groupSamples(profile: Profile): Map<string, Group> {
  const names = profile.labelSets.map(groupName)
  const groups = new Map<string, Group>()
  const { stack, weight, labelSet } = profile.samples
  for (let i = 0; i < stack.length; i++) {
    const name = names[labelSet[i]!]!
    let group = groups.get(name)
    if (group === undefined) {
      group = { stack: new Int32Column(), weight: new Float64Column(), total: 0 }
      groups.set(name, group)
    }
    group.total += weight[i]!
    const last = group.stack.length - 1
    if (last >= 0 && group.stack.at(last) === stack[i]) {
      group.weight.set(last, group.weight.at(last) + weight[i]!)
    } else {
      group.stack.push(stack[i]!)
      group.weight.push(weight[i]!)
    }
  }
  if (groups.size === 0) {
    groups.set('', { stack: new Int32Column(), weight: new Float64Column(), total: 0 })
  }
  return groups
}

/** `GET /x · worker 2 · <id>` */
function groupName(labels: Labels): string {
  const request = labels.get(REQUEST_LABEL)
  const worker = labels.get(WORKER_LABEL)
  const parts = request === undefined ? [] : [labels.get(ROUTE_LABEL) ?? '']
  if (worker !== undefined) parts.push(`worker ${worker}`)
  if (request !== undefined) parts.push(request)
  if (parts.length === 0) parts.push(labels.get('profile') ?? '')
  return parts.filter((part) => part !== '').join(' · ')
}

function writeGroup(out: ByteWriter, profile: Profile, name: string, group: Group): void {
  const unit = UNITS[profile.unit]
  const start = profile.timeline ? profile.startMicros : 0
  out.text(`{"type":"sampled","name":${JSON.stringify(name)},"unit":"${unit}"`)
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
