/** What the app says of the request or job that runs now: found by its asynchronous context. */
import { Recording } from '../sampler/recording.js'
import { AnnotatedPassing } from './annotated-passing.js'
import type { Annotation } from './annotation.js'
import { routeText } from './routes.js'
import type { Subject } from './subject.js'
import { armedRecorder } from './thread-recorder.js'

/**
 * Names the request or the job that runs now, for dumps and for those whom it blocks: where one
 * path serves many operations, as with GraphQL and tRPC.
 *
 *     annotate({ route: 'query GetUser', labels: { client: 'ios' } })
 *
 * Does nothing where none is known, and never throws.
 */
export function annotate(annotation: Annotation): void {
  try {
    const { route, labels } = annotation
    const text = routeText(route)
    annotated()?.annotate?.({ ...(text === '' ? {} : { route: text }), ...(labels && { labels }) })
  } catch {
    // Ours, and not the app's to notice.
  }
}

/**
 * The id of the profile in which this code will be, for a line of a log; undefined where the
 * request or job that runs now is not recorded. One that is kept because it was slow has none
 * before its end.
 *
 *     pino({ mixin: () => ({ profile_id: currentProfileId() }) })
 */
export function currentProfileId(): string | undefined {
  try {
    const recording = annotated()
    if (recording instanceof AnnotatedPassing || recording?.kind === 'process') return undefined
    return recording?.id
  } catch {
    return undefined
  }
}

// --- internal ---

/** Null where nobody runs now of whom anything is kept. */
function annotated(): Subject | AnnotatedPassing | null {
  const recorder = armedRecorder()
  const context = recorder?.sampler.running ?? null
  if (context instanceof Recording) return recorder!.subjectOf(context)
  return context instanceof AnnotatedPassing ? context : null
}
