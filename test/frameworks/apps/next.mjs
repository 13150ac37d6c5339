// What `next start` does, of the app in next/, which has been built by install.mjs.
import { join } from 'node:path'

const dir = join(import.meta.dirname, 'next')
process.argv.push('start', dir, '--port', process.env.PORT, '--hostname', '127.0.0.1')
await import('next/dist/bin/next')
