export interface Fault {
  readonly thread: 'app' | 'writer'
  /** As `inject.mjs` calls it: `fs.openSync`, `native.stop`. */
  readonly name: string
  /** Which call fails, from 1; `always`: and all after it. */
  readonly at: number
  readonly always: boolean
  readonly how: string
}

export interface Injected {
  /** Different calls that there are. */
  readonly calls: number
  readonly planned: number
  readonly faults: number
  /** So many of them were met. */
  readonly failed: number
  readonly differences: readonly string[]
}

export const MOUNTS: Readonly<Record<string, object>>
export function injectFaults(options: {
  readonly mounts: readonly string[]
  readonly thorough?: boolean
  /** Default: all that there are. */
  readonly faults?: readonly Fault[]
  /** Decides about their order, if `thorough`. */
  readonly seed?: number
  /** False: no more. */
  readonly until?: () => boolean
}): Promise<Injected>
