import type { ViewProps } from '../view-props.js'

export function TimelinePage({ title }: ViewProps) {
  return <p class="empty">{title}</p>
}
