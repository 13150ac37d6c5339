import { useEffect, useState } from 'preact/hooks'

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

/** The chosen theme, remembered by the browser, and a function that moves on to the next. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(remembered)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    remember(theme)
  }, [theme])
  return [theme, () => setTheme((now) => ORDER[(ORDER.indexOf(now) + 1) % ORDER.length]!)]
}

// --- internal ---

const ORDER: readonly Theme[] = ['auto', 'light', 'dark']
const KEY = 'profview-theme'
// speedscope keeps its own under this name; same origin, so both views agree.
const SPEEDSCOPE_KEY = 'speedscope-color-scheme'

function remembered(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'auto'
  } catch {
    return 'auto'
  }
}

function remember(theme: Theme): void {
  try {
    if (theme === 'auto') {
      localStorage.removeItem(KEY)
      localStorage.removeItem(SPEEDSCOPE_KEY)
    } else {
      localStorage.setItem(KEY, theme)
      localStorage.setItem(SPEEDSCOPE_KEY, theme.toUpperCase())
    }
  } catch {
    // Storage may be switched off; the theme then lasts as long as the page.
  }
}
