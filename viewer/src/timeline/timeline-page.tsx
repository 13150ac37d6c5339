import type { ViewProps } from '../view-props.js'
import { Gantt } from './gantt.js'
import { Timeline } from './timeline.js'

/** What happened one after the other; where the order is lost, when each request was there. */
export function TimelinePage(props: ViewProps<'timeline'>) {
  if (!props.whole.timeline) return <Gantt {...props} />
  if (props.whole.samples.stack.length === 0)
    return <p class="empty">No samples in this profile.</p>
  return <Timeline {...props} />
}
