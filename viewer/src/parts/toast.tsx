import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

interface ToastProps {
  readonly onDone: () => void
  readonly children: ComponentChildren
}

/** Says that something has happened, and goes away by itself. */
export function Toast({ onDone, children }: ToastProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: its time begins when it appears
  useEffect(() => {
    const timer = setTimeout(onDone, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class="toast" role="status">
      {children}
    </div>
  )
}

// --- internal ---

const SHOWN_MS = 5_000
