import { ProfileBuilder } from '../../profile/builder.js'
import { Float64Column, Int32Column } from '../../profile/columns.js'
import type { Profile } from '../../profile/profile.js'

/** One profile of several, told apart by the label `thread`: they ran beside each other. */
export function combineThreads(
  profiles: readonly Profile[],
  names: readonly string[],
  name: string,
): Profile {
  const builder = new ProfileBuilder()
  const stack = new Int32Column()
  const weight = new Float64Column()
  const labelSet = new Int32Column()
  const warnings: string[] = []
  profiles.forEach((profile, i) => {
    const label = builder.labelSet([['thread', names[i]!]])
    const frameOf = profile.frames.map((frame) => builder.frame(frame))
    const stackOf = builder.adopt(profile.stacks, frameOf)
    const { samples } = profile
    for (let at = 0; at < samples.stack.length; at++) {
      stack.push(stackOf[samples.stack[at]!]!)
      weight.push(samples.weight[at]!)
      labelSet.push(label)
    }
    warnings.push(...profile.warnings.map((warning) => `${names[i]}: ${warning}`))
  })
  const samples = {
    stack: stack.finish(),
    weight: weight.finish(),
    labelSet: labelSet.finish(),
  }
  return builder.build({ name, unit: profiles[0]!.unit, warnings }, samples)
}
