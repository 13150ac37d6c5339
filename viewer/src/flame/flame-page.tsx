import { useEffect, useMemo } from 'preact/hooks'
import { writeProfile } from '../../../src/formats/registry.js'
import type { ViewProps } from '../view-props.js'

/** speedscope's own build on what is on show, from our server: nothing leaves this machine. */
export function FlamePage({ profile, title }: ViewProps) {
  const address = useMemo(() => {
    const bytes = writeProfile(profile, 'speedscope') as Uint8Array<ArrayBuffer>
    return URL.createObjectURL(new Blob([bytes], { type: 'application/json' }))
  }, [profile])
  useEffect(() => () => URL.revokeObjectURL(address), [address])
  const hash = `profileURL=${encodeURIComponent(address)}&title=${encodeURIComponent(title)}`
  return (
    <iframe
      // It reads its address only when it starts.
      key={address}
      class="flame"
      title={`Flame graph of ${title}`}
      src={`./speedscope/#${hash}`}
    />
  )
}
