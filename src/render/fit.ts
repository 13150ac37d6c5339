/** Texts for a line that has an end: what is cut loses its middle, so that both ends still tell. */

import { columnsOf, endOf, startOf } from './columns.js'

/** Of a name, so that it says something. */
export const LEAST_NAME = 12

/**
 * The text in at most `width` columns: `GET /api/v1/customers/:id` in 16 is `GET /ap...rs/:id`.
 */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (columnsOf(text) <= width) return text
  const kept = width - ellipsis.length
  if (kept < 2) return startOf(text, width)
  const end = Math.ceil(kept / 2)
  return startOf(text, kept - end) + ellipsis + endOf(text, end)
}

/**
 * A function's name and its place, which take two blanks more between them, in at most `room`
 * columns. The place is cut first, down to its last part, since the line number is at its end;
 * then the name; and where both would say nothing, the place goes.
 */
export function fitCall(
  name: string,
  place: string,
  room: number,
  ellipsis: string,
): { name: string; place: string } {
  const nameColumns = columnsOf(name)
  const placeColumns = columnsOf(place)
  if (nameColumns + (place === '' ? 0 : 2 + placeColumns) <= room) return { name, place }
  const least = Math.min(placeColumns, LEAST_PLACE)
  const forPlace = Math.max(room - nameColumns - 2, least)
  const forName = room - forPlace - 2
  if (place === '' || forName < Math.min(nameColumns, LEAST_NAME))
    return { name: cutMiddle(name, room, ellipsis), place: '' }
  return {
    name: cutMiddle(name, forName, ellipsis),
    place: cutStart(place, forPlace, ellipsis),
  }
}

/** What a line of `width` columns, 0 being no limit, has left behind so many. */
export function roomBehind(used: number, width: number): number {
  return width === 0 ? Number.POSITIVE_INFINITY : Math.max(width - used, 1)
}

/** How many columns of a terminal a line takes that we have coloured. */
export function shownLength(line: string): number {
  return columnsOf(line.replace(/\x1b\[\d+m/g, ''))
}

// --- internal ---

const LEAST_PLACE = 16

/** `express/lib/router/index.js:42` in 20: whole parts of its end, if one fits. */
function cutStart(path: string, width: number, ellipsis: string): string {
  if (columnsOf(path) <= width) return path
  const first = path.slice(0, path.indexOf('/') + 1)
  for (let at = path.indexOf('/', first.length); at !== -1; at = path.indexOf('/', at + 1)) {
    const short = first + ellipsis + path.slice(at)
    if (columnsOf(short) <= width) return short
  }
  const last = ellipsis + path.slice(path.lastIndexOf('/'))
  return columnsOf(last) <= width ? last : cutMiddle(path, width, ellipsis)
}
