import { findUser } from '../../../shop.mjs'

/** Nobody is number 0, and 13 cannot be asked about. */
export async function getServerSideProps({ params }) {
  if (params.id === '13') throw new Error('as it should')
  return params.id === '0' ? { notFound: true } : { props: { user: await findUser(params.id) } }
}

export default function Person({ user }) {
  return <p>{user.name}</p>
}
