import { useEffect, useRef, useState } from 'preact/hooks'
import type { Range } from '../../../src/transform/range.js'
import type { Settings } from '../place.js'
import { readRange, writeRange } from '../range.js'
import type { ChangeSettings } from '../use-place.js'
import { within } from './zoom.js'

/**
 * The stretch of time on show, from the address (`win`). It moves at once, the address follows when
 * it has come to rest: browsers refuse a page that rewrites its address with every turn of a wheel.
 */
export function useShown(
  { win = '' }: Settings,
  change: ChangeSettings,
  whole: number,
): [Range, (step: (now: Range) => Range) => void] {
  const [moving, setMoving] = useState<Range | null>(null)
  const timer = useRef(0)
  useEffect(() => setMoving(null), [win])
  useEffect(() => () => clearTimeout(timer.current), [])
  const shown = moving ?? within(readRange({ range: win }), whole)
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
      change({ win: isAll ? '' : writeRange(next) })
    }, REST_MS)
  }
  return [shown, move]
}

// --- internal ---

const REST_MS = 200
