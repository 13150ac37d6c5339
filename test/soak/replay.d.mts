export interface Replayed {
  readonly seed: number
  readonly conversations: number
  /** Answers that were profiled, and dumps that were written. */
  readonly profiled: number
  readonly written: number
  readonly differences: readonly string[]
}

export function replay(options: {
  readonly seed: number
  /** Asked before each conversation, with how many there were. */
  readonly until: (conversations: number) => boolean
  readonly atOnce?: number
}): Promise<Replayed>
