/** `burn.mjs` under @datadog/pprof. */
import { writeFileSync } from 'node:fs'
import { encode, time } from '@datadog/pprof'

process.argv.push('--no-run')
const { burn } = await import('./burn.mjs')
time.start({
  intervalMicros: 1000,
  durationMillis: 60_000,
  lineNumbers: process.argv[2] === 'true',
})
burn(200)
writeFileSync('datadog.pb.gz', await encode(time.stop()))
