import { awaitedBy, BLOCKED } from '../../profile/frames.js'
import { REQUEST_LABEL, ROUTE_LABEL, routeOf, statusOf, workerNames } from '../../profile/labels.js'
import type { DumpMeta, Profile, StackIndex } from '../../profile/profile.js'
import { isBlocked, waitsOf } from '../../profile/stack-waits.js'
import { categoryOf } from './tables.js'
import { endOfRun, type FirefoxThread } from './threads.js'

/** A stretch of a thread's time, in the profile's unit; `data.type` names its schema. */
export interface FirefoxMarker {
  readonly name: string
  readonly category: number
  readonly start: number
  readonly end: number
  readonly data: Readonly<Record<string, string | number>>
}

/** What the markers are called and which of their data is shown where. */
export const MARKER_SCHEMA = [
  schemaOf('Request', '{marker.data.title} {marker.data.status}', [
    ['title', 'Request', 'string'],
    ['status', 'Status', 'string'],
    ['duration', 'Measured duration', 'duration'],
    ['startedAt', 'Started at', 'string'],
    ['id', 'Id', 'string'],
  ]),
  schemaOf('Await', '{marker.data.resource}', [
    ['resource', 'Waits for', 'string'],
    ['title', 'Request', 'string'],
  ]),
  schemaOf('Blocked', '{marker.data.culprit}', [
    ['culprit', 'Blocked by', 'string'],
    ['title', 'Request', 'string'],
  ]),
]

/**
 * Each request of the thread, each of its waits and each stretch in which it was blocked, by start.
 */
export function markersOf(profile: Profile, thread: FirefoxThread): FirefoxMarker[] {
  const titles = titlesOf(profile, thread)
  const { wait, blamed } = waitsOf(profile)
  const frameOf = (stack: StackIndex) => profile.frames[profile.stacks.frame[stack]!]!
  const markers = requestMarkers(profile, thread, titles)
  eachStretch(thread, wait, (stack, request, start, end) => {
    const frame = frameOf(stack)
    const data = { type: 'Await', resource: awaitedBy(frame)!, title: titles[request]! }
    markers.push({ name: frame.name, category: categoryOf('await'), start, end, data })
  })
  eachStretch(thread, blamed, (stack, request, start, end) => {
    const culprit = isBlocked(profile, stack) ? '' : frameOf(stack).name
    const data = { type: 'Blocked', culprit, title: titles[request]! }
    const name = `${BLOCKED} ${culprit}`.trimEnd()
    markers.push({ name, category: categoryOf('blocked'), start, end, data })
  })
  return markers.sort((a, b) => a.start - b.start || b.end - a.end)
}

// --- internal ---

function schemaOf(
  name: string,
  label: string,
  fields: readonly (readonly [key: string, label: string, format: string])[],
) {
  return {
    name,
    tooltipLabel: label,
    tableLabel: label,
    chartLabel: label,
    display: ['marker-chart', 'marker-table'],
    data: fields.map(([key, text, format]) => ({ key, label: text, format, searchable: true })),
  }
}

/** Of each request of the thread, `GET /users/:id`; what is known of other recordings. */
function titlesOf({ name, sources, labelSets }: Profile, { requests }: FirefoxThread): string[] {
  const titles = new Map<string, string>()
  for (const labels of labelSets) {
    const request = labels.get(REQUEST_LABEL)
    const route = labels.get(ROUTE_LABEL)
    if (request !== undefined && route !== undefined) titles.set(request, route)
  }
  for (const [source, worker] of workerNames(sources, (source) => source)) {
    const own = sources.length === 1 ? name : `${source.kind} ${worker}`
    titles.set(source.id, routeOf(source) || own)
  }
  return requests.map((id) => titles.get(id) ?? id)
}

/** From the first to the last sample of each request. */
function requestMarkers(
  { sources }: Profile,
  thread: FirefoxThread,
  titles: readonly string[],
): FirefoxMarker[] {
  const { requests, request } = thread
  const metas = new Map(sources.map((meta) => [meta.id, meta]))
  const first = new Int32Array(requests.length).fill(-1)
  const last = new Int32Array(requests.length)
  for (let run = 0; run < request.length; run++) {
    const of = request.at(run)
    if (first[of] === -1) first[of] = run
    last[of] = run
  }
  const markers: FirefoxMarker[] = []
  requests.forEach((id, i) => {
    if (id === '' || first[i] === -1) return
    markers.push({
      name: titles[i]!,
      category: categoryOf('app'),
      start: thread.start.at(first[i]!),
      end: endOfRun(thread, last[i]!),
      data: { type: 'Request', title: titles[i]!, id, ...factsOf(metas.get(id)) },
    })
  })
  return markers
}

function factsOf(meta: DumpMeta | undefined) {
  if (meta === undefined) return {}
  const { durationMicros, startedAt } = meta
  const status = statusOf(meta)
  return { ...(status === '' ? {} : { status }), duration: durationMicros / 1000, startedAt }
}

/** Runs without a gap between them, of one request, with the same stack in `above`, as one. */
function eachStretch(
  thread: FirefoxThread,
  above: Int32Array,
  each: (stack: StackIndex, request: number, start: number, end: number) => void,
): void {
  const { stack, request, start } = thread
  for (let run = 0; run < stack.length; ) {
    const shared = above[stack.at(run)]!
    const of = request.at(run)
    const from = start.at(run)
    let to = from
    while (
      run < stack.length &&
      above[stack.at(run)] === shared &&
      request.at(run) === of &&
      start.at(run) === to
    ) {
      to = endOfRun(thread, run++)
    }
    if (shared !== -1) each(shared, of, from, to)
  }
}
