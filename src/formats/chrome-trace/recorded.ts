import { ProfileBuilder } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Profile } from '../../profile/profile.js'
import { CallFrameReader, type RawCallFrame } from '../cpuprofile/frames.js'
import { isSmallId } from '../cpuprofile/ids.js'
import { emptyTable } from '../cpuprofile/node-table.js'
import { toTimeline } from '../cpuprofile/timeline.js'
import { linkNodes, resolveIds, unknownStack } from '../cpuprofile/tree.js'
import { bad } from '../shared/bad.js'
import { isRecord } from '../shared/dump-meta.js'
import { JsonScanner } from '../shared/json-scanner.js'
import { warnOf } from '../shared/warn.js'

/** A part of the samples, as an event brought them. */
interface Chunk {
  readonly time: number
  readonly from: number
  readonly to: number
}

/**
 * One CPU profile of a trace, piece by piece: each brings the nodes that are new in it, which name
 * their parents, or all at once as a `.cpuprofile` has them.
 */
export class RecordedProfile {
  /** Whose it is. */
  pid = 0
  tid = 0
  startTime: number | null = null
  endTime: number | null = null
  readonly #builder = new ProfileBuilder()
  readonly #callFrames = new CallFrameReader(new JsonScanner(new Uint8Array()), this.#builder)
  readonly #nodes = emptyTable()
  /** Behind one free slot. */
  readonly #stack = new Int32Column()
  readonly #deltas = new Float64Column()
  readonly #chunks: Chunk[] = []
  #uneven = 0

  constructor() {
    this.#stack.push(0)
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** `data`: of the event; `place`: for an error. */
  add(data: Record<string, unknown>, time: number, place: string): void {
    const profile = isRecord(data.cpuProfile) ? data.cpuProfile : {}
    const nodes = listOf(profile.nodes, `${place} nodes`)
    for (let i = 0; i < nodes.length; i++) this.#addNode(nodes[i], `${place} nodes[${i}]`)
    const samples = listOf(profile.samples, `${place} samples`) as number[]
    const deltas = listOf(data.timeDeltas ?? profile.timeDeltas, `${place} timeDeltas`) as number[]
    for (const id of samples)
      if (!isSmallId(id)) throw bad(place, 'has a sample that is no node id')
    for (const delta of deltas) if (!Number.isFinite(delta)) throw bad(place, 'has a bad time')
    this.startTime ??= timeOf(data.startTime ?? profile.startTime)
    this.endTime = timeOf(data.endTime ?? profile.endTime) ?? this.endTime
    if (samples.length !== deltas.length) this.#uneven++
    const count = Math.min(samples.length, deltas.length)
    if (count === 0) return
    const from = this.#deltas.length
    for (let i = 0; i < count; i++) {
      this.#stack.push(samples[i]!)
      this.#deltas.push(deltas[i]!)
    }
    this.#chunks.push({ time, from, to: from + count })
  }

  finish(name: string): Profile {
    const builder = this.#builder
    const warnings: string[] = []
    const stacks = linkNodes(this.#nodes, builder)
    const { stack, deltas } = this.#samples()
    const lost = resolveIds(stack, stacks, builder)
    const span = { startTime: this.startTime ?? 0, endTime: this.#end() }
    const unknown = () => unknownStack(builder)
    const { samples, unordered } = toTimeline(stack, deltas, null, {
      ...span,
      dropEmpty: false,
      unknown,
    })
    warnOf(
      warnings,
      stacks.orphans.length,
      'node whose caller is not in the trace is shown without it',
    )
    warnOf(warnings, stacks.missingChildren, 'child that is not in the file was left out')
    warnOf(warnings, lost, 'sample of a node that is not in the file is shown as [unknown]')
    warnOf(
      warnings,
      this.#uneven,
      'piece with more samples than times or fewer: the common part counts',
    )
    warnOf(warnings, unordered, 'sample was not in the order of time and has been moved')
    const startMicros = Math.round(span.startTime)
    return builder.build({ name, timeline: true, startMicros, warnings }, samples)
  }

  #addNode(node: unknown, place: string): void {
    if (!isRecord(node) || !isSmallId(node.id)) throw bad(place, 'is not a node')
    const row = this.#nodes.id.length
    const callFrame = isRecord(node.callFrame) ? node.callFrame : null
    this.#nodes.id.push(node.id)
    this.#nodes.frame.push(this.#callFrames.fromRaw(callFrame as RawCallFrame | null))
    this.#nodes.hitCount.push(0)
    if (isSmallId(node.parent)) {
      this.#nodes.upChild.push(row)
      this.#nodes.upParent.push(node.parent)
    }
    for (const child of listOf(node.children, `${place}.children`)) {
      if (!isSmallId(child)) throw bad(place, 'has a child that is no node id')
      this.#nodes.edgeParent.push(row)
      this.#nodes.edgeChild.push(child)
    }
  }

  /** In the order of time, which is mostly that of the file. */
  #samples(): { stack: Int32Array<ArrayBuffer>; deltas: Float64Column } {
    const isOrdered = this.#chunks.every(({ time }, i, all) => i === 0 || all[i - 1]!.time <= time)
    if (isOrdered) return { stack: this.#stack.finish(), deltas: this.#deltas }
    const stack = new Int32Column(this.#stack.length)
    const deltas = new Float64Column(this.#deltas.length)
    stack.push(0)
    for (const { from, to } of this.#chunks.sort((a, b) => a.time - b.time)) {
      for (let i = from; i < to; i++) {
        stack.push(this.#stack.at(i + 1))
        deltas.push(this.#deltas.at(i))
      }
    }
    return { stack: stack.finish(), deltas }
  }

  /** An end before the start is none: it was not written yet. */
  #end(): number | null {
    return this.endTime !== null && this.endTime >= (this.startTime ?? 0) ? this.endTime : null
  }
}

// --- internal ---

function listOf(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw bad(place, 'is not a list')
  return value
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
