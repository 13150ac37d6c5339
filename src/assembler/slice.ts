/** Samples and segments around a recording, in time order. */
export interface Slice {
  /** Nothing is known about what was before. */
  readonly knownFrom: number
  /** How well sample times agree with segment times, ms. */
  readonly precision: number
  /** A context's name; '' if it is not known. */
  titleOf(context: number): string
  readonly samples: {
    readonly time: readonly number[]
    readonly stack: readonly number[]
    readonly context: readonly number[]
  }
  readonly segments: {
    readonly start: number[]
    readonly end: number[]
    readonly context: number[]
    readonly chain: number[]
    readonly what: string[]
    readonly pending: string[]
  }
}

export function noSegments(): Slice['segments'] {
  return { start: [], end: [], context: [], chain: [], what: [], pending: [] }
}
