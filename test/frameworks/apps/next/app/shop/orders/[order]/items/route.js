import { findItems } from '../../../../../../shop.mjs'

export async function GET(_request, { params }) {
  const { order } = await params
  return Response.json(await findItems(order))
}
