import { type Selection, toQuery } from '../../../src/server/wire.js'
import { flameAddress } from '../client.js'

interface FlamePageProps {
  readonly selection: Selection
  readonly title: string
}

/** speedscope's own build on the selection, from our server: nothing leaves this machine. */
export function FlamePage({ selection, title }: FlamePageProps) {
  return (
    <iframe
      // It reads its address only when it starts.
      key={toQuery(selection)}
      class="flame"
      title={`Flame graph of ${title}`}
      src={flameAddress(selection, title)}
    />
  )
}
