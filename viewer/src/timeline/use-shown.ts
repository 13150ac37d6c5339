import { useEffect, useRef, useState } from 'preact/hooks'
import type { Range } from '../../../src/transform/range.js'
import type { ChangeSettings } from '../use-page-location.js'
import { within } from './zoom.js'

/**
 * The stretch of time on show, `wanted` in the address. It moves at once, the address follows when
 * it has come to rest: browsers refuse a page that rewrites its address with every turn of a wheel.
 */
export function useShown(
  wanted: Range | null,
  change: ChangeSettings<'timeline'>,
  whole: number,
): [Range, (step: (now: Range) => Range) => void] {
  const [moving, setMoving] = useState<Range | null>(null)
  const timer = useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address ends the move
  useEffect(() => setMoving(null), [wanted])
  useEffect(() => () => clearTimeout(timer.current), [])
  const shown = moving ?? within(wanted, whole)
  // Several turns of a wheel may come before the page is drawn again.
  const latest = useRef(shown)
  latest.current = shown
  const move = (step: (now: Range) => Range) => {
    const next = step(latest.current)
    latest.current = next
    setMoving(next)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => {
      const isAll = next.from <= 0 && next.to >= whole
      change({ window: isAll ? null : next })
    }, REST_MS)
  }
  return [shown, move]
}

// --- internal ---

const REST_MS = 200
