import type { Float64Column, Int32Column } from '../../profile/columns.js'

/** The members that matter, in whatever order they came. */
export interface SpeedscopeMembers {
  type?: unknown
  name?: unknown
  unit?: unknown
  startValue?: unknown
  endValue?: unknown
  /** Of each sample its stack. */
  samples?: Int32Column
  weights?: Float64Column
  events?: SpeedscopeEvents
}

export interface SpeedscopeEvents {
  /** 1 opens a frame, 0 closes it. */
  readonly opens: Int32Column
  readonly frame: Int32Column
  readonly at: Float64Column
}
