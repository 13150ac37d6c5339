import type { StackIndex } from '../../src/profile/profile.js'
import {
  choice,
  flag,
  list,
  remembering,
  type Setting,
  stackIndex,
  text,
  timeRange,
  twoNumbers,
  type ValuesOf,
} from './setting.js'

/**
 * What each view keeps in the address. Links are kept for years: a name keeps its meaning, and what
 * is new has a fallback that shows what was shown before.
 */

/** Goes along from view to view. */
export const SHARED = {
  /** The part of the time that is looked at. */
  range: timeRange('range'),
  /** The thread, process or file that is looked at, of a profile that holds several. */
  part: text('part'),
  unit: choice('unit', ['absolute', 'percent']),
} as const

/** Opens or closes a node of the tree, whatever its weight says. */
export interface Override {
  /** Of the stacks that all views have in common, so that it holds whatever is folded. */
  readonly stack: StackIndex
  readonly reach: Reach
  readonly open: boolean
}

export type Reach = 'node' | 'subtree' | 'callers'

/** Where the keyboard is in the timeline: a row, and a time in it. */
export interface TimelineSpot {
  readonly row: number
  readonly time: number
}

export const VIEW_SETTINGS = {
  requests: {
    q: text('q'),
    sort: text('sort'),
    group: choice('group', ['none', 'route', 'stalls', 'worker']),
    /** Ids, of which none has a dot. */
    picked: list('picked', (id) => id || undefined),
  },
  tree: {
    ...SHARED,
    q: text('q'),
    foldLibraries: flag('fold', true),
    invert: flag('invert', false),
    /** Calls with a smaller share are left out. */
    threshold: choice('min', [0, 0.001, 0.01, 0.05]),
    hide: text('hide'),
    show: text('show'),
    at: stackIndex('at'),
    open: choice('open', ['heavy', 'all']),
    overrides: overrides('x'),
    /** Folded calls that are open in place. */
    groups: list('groups', stackIndex('').parse),
  },
  timeline: {
    ...SHARED,
    foldLibraries: flag('fold', true),
    /** What is on show of the time. */
    window: timeRange('win'),
    at: timelineSpot('at'),
  },
  functions: {
    ...SHARED,
    q: text('q'),
    sort: text('sort', '-self'),
    foldLibraries: flag('fold', true),
    /** Functions, by their keys. */
    selected: text('fn'),
    at: text('at'),
  },
  flame: SHARED,
  compare: {
    ...SHARED,
    /** A selection as in addresses, or its own halves. */
    with: text('with'),
    show: choice('show', ['functions', 'tree']),
  },
} as const

/** The views, as they stand in the address. */
export type ViewName = keyof typeof VIEW_SETTINGS
export type SharedSettings = ValuesOf<typeof SHARED>
export type SettingsOf<View extends ViewName> = ValuesOf<(typeof VIEW_SETTINGS)[View]>

// --- internal ---

const MARKS: Readonly<Record<Reach, string>> = { node: '', subtree: '*', callers: '~' }
const REACHES: readonly Reach[] = ['node', 'subtree', 'callers']

/** `12.-45.7*.9~`: `-` for closed, `*` with all below, `~` all above. */
function overrides(name: string): Setting<readonly Override[]> {
  const parse = (written: string): Override | undefined => {
    const match = /^(-?)(\d{1,10})([*~]?)$/.exec(written)
    const reach = REACHES.find((each) => MARKS[each] === match?.[3])
    if (!match || !reach) return undefined
    return { stack: Number(match[2]), reach, open: match[1] === '' }
  }
  return list(name, parse, ({ stack, reach, open }) => `${open ? '' : '-'}${stack}${MARKS[reach]}`)
}

/** `2-5600`; null for nowhere. */
function timelineSpot(name: string): Setting<TimelineSpot | null> {
  return {
    name,
    fallback: null,
    parse: remembering((written) => {
      const [row, time] = twoNumbers(written) ?? []
      return row === undefined || time === undefined ? undefined : { row, time }
    }),
    format: (spot) => (spot ? `${spot.row}-${Math.round(spot.time)}` : ''),
  }
}
