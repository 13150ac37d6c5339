export type Mounted = 'app' | 'register'

export interface App {
  readonly name: string
  readonly file: string
  readonly env?: Readonly<Record<string, string>>
  /** Default: HTTP/1.1. */
  readonly protocol?: 'https' | 'h2c' | 'h2'
  /** How `profview/register` comes before it. */
  readonly flag: '--import' | '--require'
  /** What its environment says beside that. */
  readonly registered?: Readonly<Record<string, string>>
  /** How it can be mounted; default: `MOUNTS`. */
  readonly mounts?: readonly Mounted[]
  /** It loads a route's code when that is first asked for. */
  readonly loadsLate?: boolean
  /** It writes its patterns as `/users/[id]`. */
  readonly isBracketed?: boolean
  /** By a cell's name: why it has none. */
  readonly without?: Readonly<Record<string, string>>
  /** By a cell's name: what it needs. */
  readonly needs?: Readonly<Record<string, string>>
}

export const FRAMEWORKS: readonly App[]
export const SERVERS: readonly App[]
/** Both, in the order of the rows. */
export const APPS: readonly App[]
export const MOUNTS: readonly Mounted[]
export const CELLS: readonly { readonly name: string; readonly title: string }[]
export function inDocument(text: string): string
