import { ProfviewError } from '../errors.js'
import type { Profile } from './profile.js'
import { isAwait } from './wait-counts.js'

/**
 * Every invariant of the model in one place; called after each read and each transformation under
 * test. Returns the profile, throws `BAD_INPUT` with the place of the first breach.
 */
export function checkProfile(profile: Profile): Profile {
  const { frames, stacks, samples, labelSets } = profile
  const stackCount = stacks.frame.length
  if (stackCount === 0 || stacks.parent[0] !== -1) fail('stacks[0]', 'must be the root')
  if (stacks.parent.length !== stackCount) fail('stacks.parent', 'is not as long as stacks.frame')
  for (let i = 0; i < stackCount; i++) {
    const frame = stacks.frame[i]!
    const parent = stacks.parent[i]!
    if (frame < 0 || frame >= frames.length) fail(`stacks.frame[${i}]`, `names no frame (${frame})`)
    if (i === 0) continue
    if (parent < 0 || parent >= i)
      fail(`stacks.parent[${i}]`, `must be an earlier stack (${parent})`)
  }
  checkUnique(profile)
  if (labelSets[0]?.size !== 0) fail('labelSets[0]', 'must be empty')
  const sampleCount = samples.stack.length
  const { weight, labelSet, count = weight } = samples
  if ([weight, labelSet, count].some(({ length }) => length !== sampleCount)) {
    fail('samples', 'has columns of different lengths')
  }
  checkSamples(profile)
  checkWaits(profile)
  return profile
}

// --- internal ---

function checkSamples({ stacks, samples, labelSets }: Profile): void {
  const { stack, weight, labelSet } = samples
  const stackCount = stacks.frame.length
  let total = 0
  for (let i = 0; i < stack.length; i++) {
    if (stack[i]! < 0 || stack[i]! >= stackCount) {
      fail(`samples.stack[${i}]`, `names no stack (${stack[i]})`)
    }
    if (labelSet[i]! < 0 || labelSet[i]! >= labelSets.length) {
      fail(`samples.labelSet[${i}]`, 'names no set')
    }
    if (!Number.isSafeInteger(weight[i])) {
      fail(`samples.weight[${i}]`, `is not a whole number (${weight[i]})`)
    }
    total += Math.abs(weight[i]!)
  }
  if (!Number.isSafeInteger(total)) fail('samples', 'add up to more than 2^53: no exact sum')
}

function checkWaits(profile: Profile): void {
  const { waits, labelSets } = profile
  waits.forEach(({ stack, labelSet, count, totalMicros, longestMicros, mostAtOnce = 1 }, i) => {
    if (!isAwait(profile, stack)) fail(`waits[${i}].stack`, `is no [await] (${stack})`)
    if (labelSet < 0 || labelSet >= labelSets.length) fail(`waits[${i}].labelSet`, 'names no set')
    const isWhole = [count, totalMicros, longestMicros].every(Number.isSafeInteger)
    if (!isWhole || count < 1 || longestMicros < 0 || longestMicros > totalMicros) {
      fail(`waits[${i}]`, `cannot be (${count} of ${totalMicros}, longest ${longestMicros})`)
    }
    if (!(Number.isSafeInteger(mostAtOnce) && mostAtOnce >= 1)) {
      fail(`waits[${i}].mostAtOnce`, `cannot be ${mostAtOnce}`)
    }
    const before = waits[i - 1] ?? { stack: -1, labelSet: 0 }
    if (before.stack > stack || (before.stack === stack && before.labelSet >= labelSet)) {
      fail(`waits[${i}]`, 'is out of order, or repeats another')
    }
  })
}

/**
 * No two stacks with the same parent and frame. Groups the stacks by parent, then marks the frames
 * seen.
 */
function checkUnique({ frames, stacks }: Profile): void {
  const { frame, parent } = stacks
  const nextWithParent = new Int32Array(frame.length)
  const lastWithParent = new Int32Array(frame.length)
  for (let i = 1; i < frame.length; i++) {
    nextWithParent[i] = lastWithParent[parent[i]!]!
    lastWithParent[parent[i]!] = i
  }
  const seenUnder = new Int32Array(frames.length).fill(-1)
  for (let above = 0; above < frame.length; above++) {
    for (let i = lastWithParent[above]!; i !== 0; i = nextWithParent[i]!) {
      if (seenUnder[frame[i]!] === above) fail(`stacks[${i}]`, 'repeats another stack')
      seenUnder[frame[i]!] = above
    }
  }
}

function fail(path: string, fact: string): never {
  throw new ProfviewError('BAD_INPUT', `${path} ${fact}`, { path })
}
