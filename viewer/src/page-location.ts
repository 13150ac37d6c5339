import { fromQuery, type Selection, toQuery } from '../../src/viewer-api/wire.js'
import { readSettings, writeSettings } from './setting.js'
import { type SettingsOf, SHARED, VIEW_SETTINGS, type ViewName } from './view-settings.js'

/** The views of a selection, in the order of their tabs. */
export const SELECTION_VIEWS = ['tree', 'timeline', 'functions', 'flame', 'compare'] as const
export type SelectionView = (typeof SELECTION_VIEWS)[number]

/** Where the reader is: all state that a link carries. */
export type PageLocation = { [View in ViewName]: LocationOf<View> }[ViewName]

export interface LocationOf<View extends ViewName> {
  readonly view: View
  /** What is looked at; null for the list of requests. */
  readonly selection: View extends 'requests' ? null : Selection
  readonly settings: SettingsOf<View>
}

/** Where a link leads: what it does not say is as it is at first. */
export type Target = { [View in ViewName]: TargetOf<View> }[ViewName]

export interface TargetOf<View extends ViewName> extends Omit<LocationOf<View>, 'settings'> {
  readonly settings?: Partial<SettingsOf<View>>
}

/**
 * `#/tree?ids=abc&unit=percent`; anything else is the list of requests. Of a link of a newer
 * version its view and selection hold, its settings are as at first.
 */
export function readLocation(hash: string): PageLocation {
  const [path = '', queryText = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const query = new URLSearchParams(queryText)
  const selection = fromQuery(query)
  const view = SELECTION_VIEWS.find((name) => name === path)
  const isKnown = (query.get(VERSION_NAME) ?? FIRST_VERSION) === VERSION
  const given = isKnown ? query : []
  if (view && selection) {
    return { view, selection, settings: readSettings(VIEW_SETTINGS[view], given) } as PageLocation
  }
  // What belongs to another view says nothing about the list.
  const settings = readSettings(VIEW_SETTINGS.requests, view ? [] : given)
  return { view: 'requests', selection: null, settings }
}

/** The address of a place, from `#` on. */
export function writeLocation({ view, selection, settings = {} }: Target): string {
  const parts = [
    ...(selection ? [toQuery(selection)] : []),
    ...(VERSION === FIRST_VERSION ? [] : [`${VERSION_NAME}=${VERSION}`]),
    ...writeSettings(VIEW_SETTINGS[view], settings),
  ]
  return `#/${view}${parts.length === 0 ? '' : `?${parts.join('&')}`}`
}

/** The address of another view of the same selection: what holds for all of them goes along. */
export function otherView(
  { selection, settings }: LocationOf<SelectionView>,
  view: SelectionView,
): string {
  const shared = Object.entries(settings).filter(([key]) => key in SHARED)
  return writeLocation({ view, selection, settings: Object.fromEntries(shared) })
}

// --- internal ---

const VERSION_NAME = 'v'
const FIRST_VERSION: string = '1'
/** Goes up when a name of the address gets another meaning; the first one is not written. */
const VERSION: string = '1'
