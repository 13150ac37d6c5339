/**
 * Where the keys that move through rows lead from row `active` of `count`, or null where the key is
 * none of them.
 */
export function movedRow(event: KeyboardEvent, active: number, count: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null
  const page = 20
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1,
  }
  const row = Object.hasOwn(moves, event.key) ? moves[event.key]! : null
  return row === null ? null : Math.max(0, Math.min(count - 1, row))
}

/** Is the reader typing? Then letters are text and not commands. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && target.type !== 'checkbox'
}
