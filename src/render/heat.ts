/** From which share of the whole on a time is how hot: 0 below all of them, 4 from the last on. */
export const HEAT_FROM = [0.02, 0.1, 0.3, 0.6] as const

/** As an index into the colours of a screen. */
export type Heat = 0 | 1 | 2 | 3 | 4

/** 0 for what may be overlooked, 4 for most of the time. */
export function heatOf(share: number): Heat {
  return HEAT_FROM.filter((from) => share >= from).length as Heat
}
