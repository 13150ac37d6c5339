import { sizeOf } from '../../../../shop.mjs'

export async function PUT(request) {
  return Response.json({ size: await sizeOf(request.body) })
}
