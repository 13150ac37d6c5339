/** Samples and segments around a recording, in time order. */
export interface Span {
  /** Nothing is known about what was before. */
  readonly knownFrom: number
  /** How well sample times agree with segment times, ms. */
  readonly precision: number
  /** An owner's name; '' if it is not known. */
  titleOf(owner: number): string
  readonly samples: {
    readonly time: readonly number[]
    readonly stack: readonly number[]
    readonly owner: readonly number[]
  }
  readonly segments: {
    readonly start: number[]
    readonly end: number[]
    readonly owner: number[]
    readonly chain: number[]
    readonly what: string[]
    readonly others: string[]
  }
}

export function noSegments(): Span['segments'] {
  return { start: [], end: [], owner: [], chain: [], what: [], others: [] }
}
