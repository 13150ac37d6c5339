#!/usr/bin/env node
// Where Node has it: the next start compiles nothing.
require('node:module').enableCompileCache?.()
const { main } = require('../dist/bundle/main.js')

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
