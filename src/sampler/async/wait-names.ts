/** What a wait is called in the end, which its call chain may tell better than its resource. */
import { ANONYMOUS } from '../../profile/frames.js'
import type { StackTable } from '../stack-table.js'
import { operationOf, poolOf } from './driver-operations.js'
import { chainOf, type Wait } from './waits.js'

/** Reads captured stacks; to be asked once the wait is over. */
export function nameOf(wait: Wait, stacks: StackTable): string {
  const asked = wait.cause ?? wait
  wait.cause = null
  if (wait.what === 'file') wait.what = fileName(asked, stacks)
  else if (SOCKET.test(wait.what)) wait.what = answerName(wait, asked, stacks)
  return wait.what
}

// --- internal ---

/** The connection on which the answer came. */
const SOCKET = /^(TCP|TLS|unix|pipe)\b/

/** It has asked on a connection; or what came to somebody else has set something free. */
function answerName(wait: Wait, asked: Wait, stacks: StackTable): string {
  if (asked.isAsking && asked.context === wait.context) {
    const operation = operationOf(chainOf(asked, stacks), stacks)
    return operation === '' ? wait.what : wait.what.replace(SOCKET, operation)
  }
  return poolOf(chainOf(wait, stacks), stacks) || wait.what
}

/** Files say nothing of themselves; the function that the app called does. */
function fileName(asked: Wait, stacks: StackTable): string {
  chainOf(asked, stacks)
  const isNamed = asked.api !== '' && asked.api !== ANONYMOUS
  return isNamed ? asked.api.replace(/Handle$/, '') : 'file'
}
