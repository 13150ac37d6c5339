/**
 * Child processes by the name of their program, `child process git`: never a path or an argument.
 * What comes in on their pipes is theirs; which these are is known of those begun while somebody
 * listens.
 */
import { type Channels, listenersOf } from './channels.js'
import { createTags } from './object-tags.js'

/** To be listened to while pipes may have to be told apart. Nobody's process is kept afterwards. */
export const childProcesses: Channels = {
  enable() {
    channels.enable()
  },
  disable() {
    channels.disable()
    lookAtPipes()
    begun.length = 0
  },
}

/** `child process git`, or `child process` where the program has an odd name. */
export function childText({ spawnfile }: Child): string {
  const name = spawnfile?.split(/[\\/]/).at(-1) ?? ''
  return PLAIN.test(name) ? `child process ${name}` : 'child process'
}

/** The child whose pipe it is, in the same words; '' if it is none's that is known. */
export function childOn(pipe: object): string {
  lookAtPipes()
  return children.get(pipe)?.text ?? ''
}

/** Of which the pipe is one, if that is known. */
export function processOf(pipe: object): object {
  return children.get(pipe)?.process ?? pipe
}

// --- internal ---

/** Node's, as far as it is asked. */
interface Child {
  /** Null before it is started. */
  readonly spawnfile?: string | null
  readonly _handle?: object | null
  readonly stdio?: readonly ({ readonly _handle?: object | null } | null)[]
}

/** Those whose pipes have not been looked at. */
const begun: Child[] = []
const MOST = 64
const children = createTags<{ readonly text: string; readonly process: object | null }>()
const PLAIN = /^[\w.+-]{1,32}$/
const channels = listenersOf({
  child_process: ({ process }: { readonly process: Child }) => {
    // Anybody may publish there, and anything.
    if (typeof process !== 'object' || process === null) return
    begun.push(process)
    if (begun.length > MOST) begun.shift()
  },
})

function lookAtPipes(): void {
  for (let i = begun.length - 1; i >= 0; i--) {
    const child = begun[i]!
    // Its program has not been started yet.
    if (child.stdio === undefined) continue
    begun.splice(i, 1)
    const text = childText(child)
    const process = child._handle ?? null
    for (const handle of pipesOf(child)) children.set(handle, { text, process })
  }
}

function pipesOf(child: Child): object[] {
  const channel = Object.getOwnPropertySymbols(child).find(
    ({ description }) => description === 'kChannelHandle',
  )
  const handles = child.stdio?.map((stream) => stream?._handle) ?? []
  if (channel !== undefined) handles.push(Reflect.get(child, channel))
  return handles.filter((handle) => typeof handle === 'object' && handle !== null)
}
