import { sleep } from '../../../../shop.mjs'

export async function GET() {
  await sleep(60_000, null, { ref: false })
  return new Response('late')
}
