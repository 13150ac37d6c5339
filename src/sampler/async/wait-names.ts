/** What a wait is called in the end, which its call chain may tell better than its resource. */
import type { StackTable } from '../stack-table.js'
import { operationOf, poolOf } from './driver-operations.js'
import { chainOf, type Wait } from './waits.js'

/** Reads captured stacks; to be asked once the wait is over. */
export function nameOf(wait: Wait, stacks: StackTable): string {
  const asked = wait.cause ?? wait
  wait.cause = null
  if (isOneAnswer(wait, asked)) {
    chainOf(asked, stacks)
    wait.answer = asked.call
  }
  if (wait.what === 'file') wait.what = fileName(asked, stacks)
  else if (wait.what === 'immediate') handedOver(wait, asked, stacks)
  else if (SOCKET.test(wait.what)) wait.what = answerName(wait, asked, stacks)
  return wait.what
}

// --- internal ---

/** Of what comes in several pieces, the call that asked for it tells what is one. */
function isOneAnswer({ what, context }: Wait, asked: Wait): boolean {
  if (what === 'file' || what === 'zlib' || what.startsWith('child process')) return true
  if (!asked.isAsking || asked.context !== context) return false
  return HTTP.test(what) || (SOCKET.test(what) && asked.isOneAnswer)
}

const HTTP = /^(HTTP|fetch) /

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

/** A driver may hand its answer on by an immediate of its own. */
function handedOver(wait: Wait, immediate: Wait, stacks: StackTable): void {
  const { giver } = immediate
  if (giver === null) return
  chainOf(immediate, stacks)
  if (immediate.calledBy !== 'package') return
  wait.what = nameOf(giver, stacks)
  wait.answer = giver.answer
}

/** Files say nothing of themselves; the function of Node that was called does. */
function fileName(asked: Wait, stacks: StackTable): string {
  chainOf(asked, stacks)
  return asked.api || 'file'
}
