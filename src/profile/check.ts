import { ProfviewError } from '../errors.js'
import type { Profile } from './profile.js'

/**
 * Every invariant of the model in one place; called after each read and each transformation under test.
 * Returns the profile, throws `BAD_INPUT` with the place of the first breach.
 */
export function checkProfile(profile: Profile): Profile {
  const { frames, stacks, samples, labelSets } = profile
  const stackCount = stacks.frame.length
  if (stackCount === 0 || stacks.parent[0] !== -1) fail('stacks[0]', 'must be the root')
  if (stacks.parent.length !== stackCount) fail('stacks.parent', 'is not as long as stacks.frame')
  const seen = new Set<number>()
  for (let i = 0; i < stackCount; i++) {
    const frame = stacks.frame[i]!
    const parent = stacks.parent[i]!
    if (frame < 0 || frame >= frames.length) fail(`stacks.frame[${i}]`, `names no frame (${frame})`)
    if (i === 0) continue
    if (parent < 0 || parent >= i) fail(`stacks.parent[${i}]`, `must be an earlier stack (${parent})`)
    const key = parent * 0x4000000 + frame
    if (seen.has(key)) fail(`stacks[${i}]`, 'repeats another stack')
    seen.add(key)
  }
  if (labelSets[0]?.size !== 0) fail('labelSets[0]', 'must be empty')
  const sampleCount = samples.stack.length
  if (samples.weight.length !== sampleCount || samples.labelSet.length !== sampleCount) {
    fail('samples', 'has columns of different lengths')
  }
  for (let i = 0; i < sampleCount; i++) {
    const stack = samples.stack[i]!
    const labelSet = samples.labelSet[i]!
    if (stack < 0 || stack >= stackCount) fail(`samples.stack[${i}]`, `names no stack (${stack})`)
    if (labelSet < 0 || labelSet >= labelSets.length) fail(`samples.labelSet[${i}]`, 'names no set')
    if (!Number.isSafeInteger(samples.weight[i])) {
      fail(`samples.weight[${i}]`, `is not a whole number (${samples.weight[i]})`)
    }
  }
  return profile
}

// --- internal ---

function fail(path: string, fact: string): never {
  throw new ProfviewError('BAD_INPUT', `${path} ${fact}`, { path })
}
