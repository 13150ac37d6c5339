/** Both may be given more than once; of the route the last counts, labels are added up. */
export interface Annotation {
  /** In place of the framework's: `query GetUser`, `users.byId`. Of a job: its name. */
  readonly route?: string
  /** As `labels(req)` gives them. */
  readonly labels?: Readonly<Record<string, string>>
}
