import { ProfviewError } from '../../errors.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Frame, Profile, StackIndex } from '../../profile/profile.js'
import { ByteWriter } from '../shared/byte-writer.js'
import { PROFVIEW_KEY } from '../shared/dump-meta.js'
import { toProfviewKey } from './profview-key.js'

const COMMA = 0x2c

/**
 * Writes V8's `.cpuprofile`, `$profview` first. Readers disagree whether a sample owns the time
 * before it or after it; every run of one stack is therefore written with a sample at its start and
 * one at its end, and both readings give the same totals:
 *
 *     main 3, main 4, parse 5  →  samples main main main parse parse, timeDeltas 0 3 4 0 5
 *
 * `Σ timeDeltas = endTime - startTime = Σ weights`. A profile in another unit is written as if it
 * were microseconds, its unit remembered under `$profview`. Throws `BAD_INPUT` for negative
 * weights.
 */
export function writeCpuprofile(profile: Profile): Uint8Array {
  const runs = toRuns(profile)
  const key = JSON.stringify(toProfviewKey(profile, runs.labelRuns, nodeOf))
  const out = new ByteWriter(4096 + key.length + runs.stack.length * 12)
  out.text(`{"${PROFVIEW_KEY}":`).text(key)
  out.text(',\n"nodes":')
  writeNodes(out, profile, runs.stack)
  const start = profile.startMicros
  out.text(`,\n"startTime":${start},"endTime":${start + runs.total},\n"samples":[`)
  for (let i = 0; i < runs.stack.length; i++) {
    if (i > 0) out.byte(COMMA)
    out.integer(nodeOf(runs.stack[i]!))
  }
  out.text('],\n"timeDeltas":[')
  for (let i = 0; i < runs.delta.length; i++) {
    if (i > 0) out.byte(COMMA)
    out.integer(runs.delta[i]!)
  }
  return out.text(']}\n').finish()
}

// --- internal ---

interface Runs {
  readonly stack: Int32Array
  readonly delta: Float64Array
  /** Runs of label sets over these samples: `count, set, count, set, …`. */
  readonly labelRuns: number[]
  readonly total: number
}

function toRuns({ samples }: Profile): Runs {
  const stack = new Int32Column(samples.stack.length * 2)
  const delta = new Float64Column(samples.stack.length * 2)
  const labelRuns: number[] = []
  let total = 0
  let runStack = -1
  let runLabels = -1
  const add = (micros: number) => {
    stack.push(runStack)
    delta.push(micros)
    if (labelRuns[labelRuns.length - 1] === runLabels) labelRuns[labelRuns.length - 2]!++
    else labelRuns.push(1, runLabels)
  }
  for (let i = 0; i < samples.stack.length; i++) {
    const weight = samples.weight[i]!
    if (weight < 0) {
      throw new ProfviewError('BAD_INPUT', 'a difference cannot be written: it has negative times')
    }
    if (weight === 0) continue
    if (samples.stack[i] !== runStack || samples.labelSet[i] !== runLabels) {
      runStack = samples.stack[i]!
      runLabels = samples.labelSet[i]!
      add(0)
    }
    add(weight)
    total += weight
  }
  return { stack: stack.finish(), delta: delta.finish(), labelRuns, total }
}

/** Ids count from 1, as V8's do. */
function nodeOf(stack: StackIndex): number {
  return stack + 1
}

function writeNodes(out: ByteWriter, profile: Profile, samples: Int32Array): void {
  const { frame, parent } = profile.stacks
  const hitCount = new Int32Array(frame.length)
  for (const stack of samples) hitCount[stack]!++
  const firstChild = new Int32Array(frame.length).fill(-1)
  const nextSibling = new Int32Array(frame.length).fill(-1)
  for (let i = frame.length - 1; i > 0; i--) {
    nextSibling[i] = firstChild[parent[i]!]!
    firstChild[parent[i]!] = i
  }
  const callFrames = new Map<number, Uint8Array>()
  const encoder = new TextEncoder()
  for (let i = 0; i < frame.length; i++) {
    let callFrame = callFrames.get(frame[i]!)
    if (callFrame === undefined) {
      callFrame = encoder.encode(toCallFrame(profile.frames[frame[i]!]!))
      callFrames.set(frame[i]!, callFrame)
    }
    out.text(i === 0 ? '[{"id":' : ',\n{"id":').integer(nodeOf(i))
    out.text(',"callFrame":').raw(callFrame)
    out.text(',"hitCount":').integer(hitCount[i]!)
    if (firstChild[i] !== -1) {
      let separator = ',"children":['
      for (let child = firstChild[i]!; child !== -1; child = nextSibling[child]!) {
        out.text(separator).integer(nodeOf(child))
        separator = ','
      }
      out.text(']')
    }
    out.text('}')
  }
  out.text(']')
}

function toCallFrame({ name, file, line, column }: Frame): string {
  return JSON.stringify({
    functionName: name,
    scriptId: '0',
    url: file,
    lineNumber: line - 1,
    columnNumber: column - 1,
  })
}
