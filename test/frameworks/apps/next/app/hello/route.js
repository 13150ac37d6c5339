import { sleep } from '../../../shop.mjs'

export const dynamic = 'force-dynamic'

export async function GET() {
  await sleep(5)
  return new Response('hello')
}
