/** Texts for a line that has an end: what is cut loses its middle, so that both ends still tell. */

/** Of a name, so that it says something. */
export const LEAST_NAME = 12

/**
 * The text in at most `width` characters: `GET /api/v1/customers/:id` in 16 is `GET /ap...rs/:id`.
 */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (text.length <= width) return text
  const kept = width - ellipsis.length
  if (kept < 2) return text.slice(0, Math.max(width, 0)).replace(HALF_AT_END, '')
  const end = Math.ceil(kept / 2)
  const head = text.slice(0, kept - end).replace(HALF_AT_END, '')
  return head + ellipsis + text.slice(-end).replace(HALF_AT_START, '')
}

/**
 * A function's name and its place, which take two blanks more between them, in at most `room`
 * characters. The place is cut first, down to its last part, since the line number is at its end;
 * then the name; and where both would say nothing, the place goes.
 */
export function fitCall(
  name: string,
  place: string,
  room: number,
  ellipsis: string,
): { name: string; place: string } {
  const over = (shown: string) => name.length + (shown === '' ? 0 : 2 + shown.length) > room
  if (!over(place)) return { name, place }
  const least = Math.min(place.length, LEAST_PLACE)
  const forPlace = Math.max(room - name.length - 2, least)
  const forName = room - forPlace - 2
  if (place === '' || forName < Math.min(name.length, LEAST_NAME))
    return { name: cutMiddle(name, room, ellipsis), place: '' }
  return {
    name: cutMiddle(name, forName, ellipsis),
    place: cutStart(place, forPlace, ellipsis),
  }
}

/** What a line of `width` characters, 0 being no limit, has left behind so many. */
export function roomBehind(used: number, width: number): number {
  return width === 0 ? Number.POSITIVE_INFINITY : Math.max(width - used, 1)
}

/** How many characters a terminal shows of a line that we have coloured. */
export function shownLength(line: string): number {
  return line.replace(/\x1b\[\d+m/g, '').length
}

// --- internal ---

const LEAST_PLACE = 16

/** Halves of a surrogate pair. */
const HALF_AT_END = /[\ud800-\udbff]$/
const HALF_AT_START = /^[\udc00-\udfff]/

/** `express/lib/router/index.js:42` in 20: whole parts of its end, if one fits. */
function cutStart(path: string, width: number, ellipsis: string): string {
  if (path.length <= width) return path
  const first = path.slice(0, path.indexOf('/') + 1)
  for (let at = path.indexOf('/', first.length); at !== -1; at = path.indexOf('/', at + 1)) {
    const short = first + ellipsis + path.slice(at)
    if (short.length <= width) return short
  }
  const last = ellipsis + path.slice(path.lastIndexOf('/'))
  return last.length <= width ? last : cutMiddle(path, width, ellipsis)
}
