import { findUser } from '../../../../shop.mjs'

export default async function About({ params }) {
  const { topic } = await params
  const { name } = await findUser(7)
  return (
    <p>
      {topic} by {name}
    </p>
  )
}
