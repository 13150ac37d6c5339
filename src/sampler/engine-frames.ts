/** Which frames are the engine's or Node's own, and how their files and names are written. */
import { ANONYMOUS } from '../profile/frames.js'

/** The engine's dispatchers: never a caller that the user wrote. */
const PLUMBING =
  /^node:(internal\/(process\/(task_queues|promises)|timers|async_hooks|async_context_frame|async_local_storage)|async_hooks)/

const HOOK_DISPATCH =
  /^(promise\w+Hook|emitHook|emit\w+(Native|Script)|trackPromise|getOrSetAsyncId)/

export function isPlumbing({ file }: { readonly file: string }): boolean {
  return PLUMBING.test(file)
}

/** Calls the functions of `async_hooks`, and nothing else. */
export function isHookDispatch({ name, file }: { readonly name: string; readonly file: string }) {
  return file === 'node:internal/async_hooks' && HOOK_DISPATCH.test(name)
}

/** The engine or any part of Node; the HTTP parser of `fetch` is of WebAssembly. */
export function isEngine({ file }: { readonly file: string }): boolean {
  return file === '' || file.startsWith('node:') || file.startsWith('wasm:')
}

/**
 * ES modules are known by URL, everything else by path. A `data:` URL is no name but the whole text
 * of a module, which may have come with a request: only what kind of text it is remains.
 */
export function pathOf(file: string): string {
  if (file.startsWith('data:')) return /^data:[\w.+/-]{0,80}/.exec(file)![0]
  if (!file.startsWith('file://')) return file
  try {
    return decodeURIComponent(file.slice('file://'.length))
  } catch {
    return file
  }
}

/** The text of a regular expression may have come with a request: a search, a filter. */
export function functionName(name: string | null): string {
  if (name === null || name === '') return ANONYMOUS
  return name.startsWith('RegExp: ') ? 'RegExp' : name
}
