import { useEffect, useState } from 'preact/hooks'
import { ACCOUNTS } from '../../../src/profile/accounts.js'
import type { Paint } from './timeline-model.js'

/** The page's colours as a canvas takes them. */
export interface Palette {
  /** Full colours, for what has no text in it. */
  readonly solid: Readonly<Record<Paint, string>>
  /** The same, light enough to write on. */
  readonly tint: Readonly<Record<Paint, string>>
  readonly ink: string
  readonly muted: string
  readonly faint: string
  readonly line: string
  readonly guide: string
  readonly bg: string
  readonly accent: string
  readonly sans: string
  readonly mono: string
}

/** The palette of the theme on show; another one when the theme changes. */
export function usePalette(): Palette {
  const [palette, setPalette] = useState(readPalette)
  useEffect(() => {
    const read = () => setPalette(readPalette())
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const media = matchMedia('(prefers-color-scheme: dark)')
    media.addEventListener('change', read)
    read()
    return () => {
      observer.disconnect()
      media.removeEventListener('change', read)
    }
  }, [])
  return palette
}

// --- internal ---

function readPalette(): Palette {
  // A custom property is read as it is written; only a property that uses it is computed.
  const probe = document.body.appendChild(document.createElement('i'))
  const colour = (value: string) => {
    probe.style.color = value
    return getComputedStyle(probe).color
  }
  const font = (name: string) => {
    probe.style.fontFamily = `var(${name})`
    return getComputedStyle(probe).fontFamily
  }
  const each = (cssOf: (paint: Paint) => string) => {
    const entries = [...ACCOUNTS, 'plain' as const].map((paint) => [paint, colour(cssOf(paint))])
    return Object.fromEntries(entries) as Record<Paint, string>
  }
  const palette = {
    solid: each((paint) => `var(--${paint})`),
    tint: each((paint) => {
      const percent = paint === 'plain' ? 22 : 32
      return `color-mix(in oklab, var(--${paint}) ${percent}%, var(--bg))`
    }),
    ink: colour('var(--ink)'),
    muted: colour('var(--muted)'),
    faint: colour('var(--faint)'),
    line: colour('var(--line)'),
    guide: colour('var(--guide)'),
    bg: colour('var(--bg)'),
    accent: colour('var(--active-line)'),
    sans: font('--sans'),
    mono: font('--mono'),
  }
  probe.remove()
  return palette
}
