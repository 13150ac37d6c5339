/** Labels of dumps: so many, and none longer than this, whoever gives them. */
import type { Settings } from './options.js'
import type { IncomingRequest } from './request.js'
import { traceLabels } from './trace-labels.js'

export type DumpLabels = Readonly<Record<string, string>>

const MOST = 32
const LONGEST_NAME = 100
const LONGEST_VALUE = 1000

/**
 * Labels and those that somebody adds, who is heard last. What is neither text, number nor boolean
 * is left out.
 */
export function withLabels(labels: DumpLabels, given: unknown): DumpLabels {
  const all = new Map(Object.entries(labels))
  for (const [name, value] of Object.entries(given ?? {}).slice(0, MOST)) {
    const key = name.slice(0, LONGEST_NAME)
    if (!['string', 'number', 'boolean'].includes(typeof value)) continue
    if (all.has(key) || all.size < MOST) all.set(key, String(value).slice(0, LONGEST_VALUE))
  }
  return Object.fromEntries(all)
}

/** `version=1.2.3,region=eu`; undefined for anything else. */
export function labelList(text: string): DumpLabels | undefined {
  const pairs = text.split(',').map((pair) => /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(pair))
  if (pairs.length > MOST || pairs.includes(null)) return undefined
  return withLabels({}, Object.fromEntries(pairs.map((pair) => pair!.slice(1))))
}

/** All dumps' labels, and by what the request is found in traces and logs. Never throws. */
export function givenLabels(request: IncomingRequest, { labelsOfAll }: Settings): DumpLabels {
  try {
    return withLabels(labelsOfAll, traceLabels(request))
  } catch {
    // Not what Node hands over as a request.
    return labelsOfAll
  }
}

/** What the app says about the request. Never throws. */
export function saidLabels(request: IncomingRequest, settings: Settings): DumpLabels {
  try {
    const labels = settings.labels as ((request: IncomingRequest) => unknown) | null
    return withLabels({}, labels?.(request))
  } catch {
    // A failing callback costs its labels only.
    return {}
  }
}
