/** Has an inspector profile `burn.mjs`, and saves its answer as a client of the protocol does. */
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

process.argv.push('--no-run')
const { burn } = await import('./burn.mjs')
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.start')
burn()
const result = await session.post('Profiler.stop')
session.disconnect()
writeFileSync(process.argv[2], JSON.stringify({ id: 3, result }))
