import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** The bar above a table. It stays in view, and tells the table's heads how far below to stay. */
export function ToolbarFrame({ children }: { readonly children: ComponentChildren }) {
  const bar = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = bar.current!
    const tell = () => {
      const height = getComputedStyle(element).position === 'sticky' ? element.offsetHeight : 0
      document.documentElement.style.setProperty('--toolbar-height', `${height}px`)
    }
    const observer = new ResizeObserver(tell)
    observer.observe(element)
    tell()
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={bar} class="toolbar" data-sticky>
      {children}
    </div>
  )
}
