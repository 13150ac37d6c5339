// All benchmarks, each in its own process. `npm run bench -- cost` runs one of them.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ALL = ['off-path', 'cost', 'merge', 'read-cpuprofile', 'show', 'page']
const wanted = process.argv.slice(2)

for (const name of wanted.length > 0 ? wanted : ALL) {
  console.log(`\n# ${name}`)
  const file = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url))
  const { status } = spawnSync(process.execPath, [file], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
