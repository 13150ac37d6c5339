import { findUser } from '../../../../shop.mjs'

export async function GET(_request, { params }) {
  const { id } = await params
  return Response.json(await findUser(id))
}
