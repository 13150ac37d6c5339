// Preloaded: what the process has used is written to its descriptor 3 when it ends.
const { writeSync } = require('node:fs')

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, megabytes: maxRSS / 1000 }
  writeSync(3, JSON.stringify(usage))
})
