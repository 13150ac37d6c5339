import { findUser } from '../../../../shop.mjs'

export default async function handler(request, response) {
  response.json(await findUser(request.query.id))
}
