import { ROOT_STACK } from '../profile/builder.js'
import { buildCallTree } from '../profile/calltree.js'
import type { Micros, Profile, StackIndex, StallHolder } from '../profile/profile.js'
import { type Hotspot, hotspotsOf } from './hotspots.js'

/** Whose code had the loop in a stall. */
export interface Holder {
  /** `GET /report`, a job, `background`. */
  readonly title: string
  readonly micros: Micros
  readonly stack: StackIndex
  readonly hotspot: Hotspot | null
}

/** Of a dump whose first level names requests and jobs, longest first. O(stacks). */
export function holdersOf(profile: Profile): Holder[] {
  const { frame, parent } = profile.stacks
  const tree = buildCallTree(profile)
  const all: StackIndex[] = []
  const ofStack = new Int32Array(frame.length).fill(-1)
  for (let i = 1; i < frame.length; i++) {
    ofStack[i] = parent[i] === ROOT_STACK ? all.push(i) - 1 : ofStack[parent[i]!]!
  }
  const micros = Float64Array.from(all, (stack) => tree.total[stack]!)
  const hotspots = hotspotsOf(tree, ofStack, micros)
  return all
    .map((stack, i) => ({
      title: profile.frames[frame[stack]!]!.name,
      micros: micros[i]!,
      stack,
      hotspot: hotspots[i] ?? null,
    }))
    .filter((holder) => holder.micros > 0)
    .sort((a, b) => b.micros - a.micros || a.stack - b.stack)
}

/** The first of them, as its dump says it to who does not read its samples. */
export function holdersSaid(profile: Profile): StallHolder[] {
  return holdersOf(profile)
    .slice(0, MOST_SAID)
    .map(({ title, micros, hotspot }) => {
      const { name, file, line } = hotspot === null ? NO_FUNCTION : profile.frames[hotspot.frame]!
      return { title, name, file, line, micros, functionMicros: hotspot?.micros ?? 0 }
    })
}

// --- internal ---

const MOST_SAID = 20
const NO_FUNCTION = { name: '', file: '', line: 0 }
