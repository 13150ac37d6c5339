/** One request's wait before it was seen, ms. */
export interface Verdict {
  /** As the client knows it. */
  readonly least: number
  readonly most: number
  /** As the dump says. */
  readonly min: number
  readonly max: number | null
}

export interface Summary {
  readonly requests: number
  readonly unknown: number
  /** Of those that waited longer, and shorter, than their dump says: by how much, ms. */
  readonly overs: readonly number[]
  readonly unders: readonly number[]
}

export const LOADS: readonly string[]
export function judge(options: {
  readonly load: string
  readonly keepAlive: boolean
  readonly workers: number
  readonly interval: number
  readonly count: number
  readonly dir: string
}): Promise<Verdict[]>
export function summary(verdicts: readonly Verdict[]): Summary
