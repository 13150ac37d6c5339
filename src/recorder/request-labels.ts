import type { Settings } from './options.js'
import type { IncomingRequest } from './request.js'

/** What the app says about the request. Never throws. */
export function labelsOf(
  request: IncomingRequest,
  settings: Settings,
): Readonly<Record<string, string>> {
  const labels: [string, string][] = []
  try {
    const given =
      (settings.labels as ((request: IncomingRequest) => object) | null)?.(request) ?? {}
    for (const [name, value] of Object.entries(given).slice(0, 32)) {
      if (['string', 'number', 'boolean'].includes(typeof value)) {
        labels.push([name.slice(0, 100), String(value).slice(0, 1000)])
      }
    }
  } catch {
    // A failing callback costs its labels only.
  }
  return Object.fromEntries(labels)
}
