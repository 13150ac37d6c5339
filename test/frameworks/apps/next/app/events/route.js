import { events } from '../../../shop.mjs'
import { streamOf } from '../../streams.mjs'

export const dynamic = 'force-dynamic'

export function GET() {
  return new Response(streamOf(events()), { headers: { 'Content-Type': 'text/event-stream' } })
}
