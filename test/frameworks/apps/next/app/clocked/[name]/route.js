import { clockedWork } from '../../../../shop.mjs'

export async function GET(_request, { params }) {
  const { name } = await params
  return Response.json(await clockedWork(name))
}
