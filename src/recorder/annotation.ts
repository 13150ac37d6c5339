import { withLabels } from './labels.js'

/** Both may be given more than once; of the route the last counts, labels are added up. */
export interface Annotation {
  /** In place of the framework's: `query GetUser`, `users.byId`. Of a job: its name. */
  readonly route?: string
  /** As `labels(req)` gives them. */
  readonly labels?: Readonly<Record<string, string>>
}

/** What was said before, and what is said now. */
export function alsoSaid(before: Annotation | null, { route, labels }: Annotation): Annotation {
  const last = route ?? before?.route
  const all = withLabels(before?.labels ?? {}, labels)
  return last === undefined ? { labels: all } : { route: last, labels: all }
}
