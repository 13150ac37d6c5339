import { useEffect, useState } from 'preact/hooks'

/** Is the window so narrow that rows need two lines? The same width as in the style sheet. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => query().matches)
  useEffect(() => {
    const media = query()
    const follow = () => setNarrow(media.matches)
    media.addEventListener('change', follow)
    return () => media.removeEventListener('change', follow)
  }, [])
  return narrow
}

// --- internal ---

const query = () => matchMedia('(max-width: 640px)')
