import { useEffect, useRef } from 'preact/hooks'
import { isTyping } from './grid-keys.js'

/** Single keys that work wherever the reader is not typing and no dialog is open. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (!Object.hasOwn(latest.current, event.key)) return
      if (document.querySelector('dialog[open]')) return
      event.preventDefault()
      latest.current[event.key]!()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}
