import type { RefObject } from 'preact'

interface SearchInputProps {
  readonly input: RefObject<HTMLInputElement | null>
  readonly label: string
  readonly placeholder?: string
  readonly value: string
  readonly onInput: (text: string) => void
  readonly onKeyDown?: (event: KeyboardEvent) => void
}

/**
 * What to look for in the table below. Enter and Escape lead back to it, unless `onKeyDown` has
 * other uses for them.
 */
export function SearchInput(props: SearchInputProps) {
  const { input, label, placeholder = label, value, onInput, onKeyDown = leave } = props
  return (
    <input
      ref={input}
      class="search"
      type="search"
      placeholder={placeholder}
      aria-label={label}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  )
}

/** Gives the keys to the table of the page. */
export function focusTable(): void {
  document.querySelector<HTMLElement>('[role=grid], [role=treegrid]')?.focus()
}

// --- internal ---

function leave(event: KeyboardEvent): void {
  if (event.key === 'Enter' || event.key === 'Escape') focusTable()
}
