/**
 * A process that is to be visited, as the system describes it. The signal that opens the inspector
 * ends every program that does not handle it, so it is sent to a Node that does, and to nothing
 * else.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { ProfviewError } from '../../errors.js'
import { printable } from '../../printable.js'

export interface Target {
  readonly pid: number
  readonly uid: number
  readonly gid: number
  /** Where its inspector will listen, as far as its start says; 0: anywhere. */
  readonly port: number
  /** Its inspector listens there already. */
  readonly isOpen: boolean
}

/** Throws `BAD_INPUT` with the way out where it cannot be visited. */
export function targetOf(pid: number): Target {
  if (process.platform !== 'linux') throw refused(pid, NOT_LINUX)
  const status = statusOf(pid)
  const [uid = 0] = numbersIn(status, 'Uid')
  const [gid = 0] = numbersIn(status, 'Gid')
  const [tgid = pid] = numbersIn(status, 'Tgid')
  if (tgid !== pid) throw refused(pid, `it is a thread of process ${tgid}: attach to that`)
  if (/^State:\s*[ZX]/m.test(status)) throw refused(pid, 'it has ended')
  const own = process.geteuid?.() ?? 0
  if (own !== 0 && own !== uid)
    throw refused(pid, `it is of another user (${uid}): attach as that user, or with sudo`)
  requireSameNamespaces(pid)
  requireNode(pid)
  requireHandled(pid, status)
  const port = portOf(pid)
  const owner = port === 0 ? null : listenerAt(pid, port)
  if (owner === 'other') throw refused(pid, takenBy(port))
  return { pid, uid, gid, port, isOpen: owner === 'own' }
}

/** The workers of a cluster whose primary it is. */
export function workersOf(pid: number): number[] {
  const isWorker = (child: number) => environmentOf(child).some((each) => each.startsWith(WORKER))
  return childrenOf(pid).filter(isWorker).sort()
}

/** The ports on which the process listens. */
export function portsOf(pid: number): Set<number> {
  const inodes = socketsOf(pid)
  const own = listeners(pid).filter(({ inode }) => inodes.has(inode))
  return new Set(own.map(({ port }) => port))
}

/** What its main thread is at, as far as the kernel says. */
export function kernelView(pid: number): string {
  const state = /^State:\s*(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? ''
  const wchan = read(`/proc/${pid}/wchan`).trim()
  return printable(['', '0'].includes(wchan) ? state : `${state}, in the kernel's ${wchan}`)
}

/** Its loop waits for what comes in; while a child is waited for it looks the same. */
export function rests(pid: number): boolean {
  const [call = ''] = read(`/proc/${pid}/syscall`).split(' ')
  const isPolling = /ep_poll|epoll/.test(read(`/proc/${pid}/wchan`)) || EPOLL.has(call)
  return isPolling && childrenOf(pid).length === 0
}

export function refused(pid: number, reason: string): ProfviewError {
  return new ProfviewError('BAD_INPUT', `cannot attach to ${pid}: ${reason}`)
}

// --- internal ---

const NOT_LINUX =
  'only Linux says whether the signal that opens its inspector would end it; start it with ' +
  '--import profview/register'
const WORKER = 'NODE_UNIQUE_ID='
const DEFAULT_PORT = 9229
/** `epoll_wait` and `epoll_pwait`, of x64 and arm64. */
const EPOLL = new Set(['232', '281', '22', '441'])

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1')
  } catch {
    throw refused(pid, 'there is no such process here; in a container, run profview in it')
  }
}

function requireSameNamespaces(pid: number): void {
  for (const name of ['pid', 'mnt', 'net']) {
    const [its, own] = [pid, 'self'].map((of) => link(`/proc/${of}/ns/${name}`))
    if (its !== null && its !== own)
      throw refused(pid, 'it runs in a container: run profview in it (docker exec, kubectl exec)')
  }
}

function requireNode(pid: number): void {
  const program = link(`/proc/${pid}/exe`)
  if (program === null) throw refused(pid, 'its program cannot be read: attach with sudo')
  const name = basename(program.replace(/ \(deleted\)$/, ''))
  if (!NODE.test(name)) throw refused(pid, `it is no Node, but ${printable(name, 60)}`)
}

const NODE = /^(?:node|nodejs)[\d.-]*$/

/** As all masks of signals, its bits are from signal 1 on. */
function requireHandled(pid: number, status: string): void {
  const bit = BigInt(constants.signals.SIGUSR1 - 1)
  const [, mask = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status) ?? []
  if (((BigInt(`0x${mask}`) >> bit) & 1n) === 1n) return
  const reason = 'it does not handle SIGUSR1, which would end it (--disable-sigusr1, or it is just'
  throw refused(pid, `${reason} starting): start it without, or with --import profview/register`)
}

/** As its arguments and NODE_OPTIONS have it; the last one wins. */
function portOf(pid: number): number {
  const options = environmentOf(pid).find((each) => each.startsWith('NODE_OPTIONS=')) ?? ''
  const args = read(`/proc/${pid}/cmdline`).split('\0')
  const given = [options.replace('=', ' '), ...args].join(' ')
  const ports = [...given.matchAll(/--(?:inspect|debug)[\w-]*[= ](?:[^\s:]*:)?(\d+)(?=\s|$)/g)]
  const last = ports.at(-1)?.[1]
  return last === undefined ? DEFAULT_PORT : Number(last)
}

function takenBy(port: number): string {
  const way = `close that one, or start this one with --inspect-port=0`
  return `port ${port}, where its inspector would listen, is taken by another process: ${way}`
}

interface Listener {
  readonly port: number
  readonly inode: string
}

/** Who listens there; null: nobody. */
function listenerAt(pid: number, port: number): 'own' | 'other' | null {
  const there = listeners(pid).filter((each) => each.port === port)
  if (there.length === 0) return null
  const inodes = socketsOf(pid)
  return there.some(({ inode }) => inodes.has(inode)) ? 'own' : 'other'
}

function listeners(pid: number): Listener[] {
  const lines = ['tcp', 'tcp6'].flatMap((name) => read(`/proc/${pid}/net/${name}`).split('\n'))
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    if (state !== LISTENING) return []
    return [{ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode }]
  })
}

const LISTENING = '0A'

function socketsOf(pid: number): Set<string> {
  const links = names(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`) ?? '')
  return new Set(links.flatMap((each) => /^socket:\[(\d+)\]$/.exec(each)?.[1] ?? []))
}

function childrenOf(pid: number): number[] {
  const tasks = names(`/proc/${pid}/task`)
  const listed = tasks.map((task) => read(`/proc/${pid}/task/${task}/children`))
  return listed.join(' ').split(/\s+/).filter(Boolean).map(Number)
}

function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split('\0')
}

function numbersIn(status: string, name: string): number[] {
  const line = new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  return line === '' ? [] : line.split(/\s+/).map(Number)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
