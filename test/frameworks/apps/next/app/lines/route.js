import { lines } from '../../../shop.mjs'
import { streamOf } from '../../streams.mjs'

export const dynamic = 'force-dynamic'

export function GET() {
  return new Response(streamOf(lines()), { headers: { 'Content-Type': 'text/plain' } })
}
