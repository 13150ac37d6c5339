import { useEffect, useMemo } from 'preact/hooks'
import { writeCpuprofile } from '../../../src/formats/cpuprofile/write.js'
import { writeSpeedscope } from '../../../src/formats/speedscope/write.js'
import { dataSource } from '../data/page-source.js'
import type { ViewProps } from '../view-props.js'

/** A flame graph of what is on show, or what to open one with. */
export function FlamePage(props: ViewProps<'flame'>) {
  return dataSource.embedded ? <SaveForFlame {...props} /> : <Speedscope {...props} />
}

// --- internal ---

/** speedscope's own build on what is on show, from our server: nothing leaves this machine. */
function Speedscope({ profile, title }: ViewProps<'flame'>) {
  const address = useAddress(useMemo(() => writeSpeedscope(profile), [profile]))
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

/** A page that is one file has no speedscope in it, which is larger than all the rest. */
function SaveForFlame({ profile }: ViewProps<'flame'>) {
  const address = useAddress(useMemo(() => writeCpuprofile(profile), [profile]))
  return (
    <p class="empty">
      This file has no flame graph in it.{' '}
      <a href={address} download="saved.cpuprofile">
        Save the profile
      </a>{' '}
      and open it with <code>profview open saved.cpuprofile</code>.
    </p>
  )
}

/** A URL of the bytes, for as long as they are on show. */
function useAddress(bytes: Uint8Array): string {
  const address = useMemo(() => {
    const content = bytes as Uint8Array<ArrayBuffer>
    return URL.createObjectURL(new Blob([content], { type: 'application/json' }))
  }, [bytes])
  useEffect(() => () => URL.revokeObjectURL(address), [address])
  return address
}
