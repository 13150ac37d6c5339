import type { DumpMeta, Profile } from '../../profile/profile.js'
import type { Finished, Window } from '../../sampler/window.js'
import type { StoreLimits } from '../../store/retention.js'

/** What the profiled thread tells the writer, in order. */
export type WriterMessage =
  | { readonly type: 'window'; readonly window: Window }
  | {
      readonly type: 'finish'
      readonly recording: Finished
      readonly store: StoreAddress | null
      /** Somebody waits for the dump as an HTML file. */
      readonly html: boolean
    }

export interface StoreAddress {
  readonly dir: string
  readonly limits: StoreLimits
  /** The profiled thread, for the dump's name. */
  readonly threadId: number
}

/**
 * The writer's answer to `finish`: the dump's place, or the profile itself where there is no store,
 * or why neither.
 */
export type WriterAnswer =
  | {
      readonly id: string
      readonly file: string
      readonly meta: DumpMeta
      /** Where it was asked for and could be made. */
      readonly html?: Uint8Array<ArrayBuffer>
    }
  | { readonly id: string; readonly profile: Profile }
  | { readonly id: string; readonly error: string }
