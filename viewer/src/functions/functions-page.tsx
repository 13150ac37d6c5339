import type { ViewProps } from '../view-props.js'

export function FunctionsPage({ title }: ViewProps) {
  return <p class="empty">{title}</p>
}
