import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Functions keep their names, as profiles shall show them; nothing else is told. */
export default {
  turbopack: { root },
  outputFileTracingRoot: root,
  experimental: { serverMinification: false, turbopackMinify: false },
}
