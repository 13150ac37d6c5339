import type { ViewProps } from '../view-props.js'

export function ComparePage({ title }: ViewProps) {
  return <p class="empty">{title}</p>
}
