import type { Command } from 'commander'

/** What was said on the command line before the script, and from it on. */
export interface NodeArgs {
  readonly node: readonly string[]
  readonly script: string | undefined
  readonly args: readonly string[]
}

/** Node's options that take the next argument; others with a value are written with `=`. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['-r', '--require', '--import', '--loader', '--experimental-loader'],
  ...['-C', '--conditions', '--env-file', '--env-file-if-exists'],
])

/**
 * Divides what commander did not know. Where it stops at an option of Node, the command's own
 * options may still follow: they are given back to it.
 *
 *     --cpu-prof -r x --flat app.js --flat  =  node: --cpu-prof -r x; script: app.js; args: --flat
 */
export function splitNodeArgs(rest: readonly string[], command: Command): NodeArgs {
  const node: string[] = []
  let left = [...rest]
  while (left[0]?.startsWith('-') && left[0] !== '--') {
    const count = WITH_VALUE.has(left[0]) ? 2 : 1
    for (const arg of left.slice(0, count)) node.push(arg)
    const { operands, unknown } = command.parseOptions(left.slice(count))
    left = [...operands, ...unknown]
  }
  if (left[0] === '--') left = left.slice(1)
  const [script, ...args] = left
  return { node, script, args }
}
