import type { Command } from 'commander'
import type { View } from '../transform/view.js'
import { gather, parseShare } from './command.js'

/** What of a profile is shown, and how. */
export interface ViewOptions {
  readonly all?: boolean
  readonly invert?: boolean
  readonly threshold?: number
  readonly show?: string[]
  readonly hide?: string[]
}

export function addViewOptions(command: Command): void {
  command
    .option('--invert', 'callers below functions')
    .option('--all', 'fold nothing, leave out nothing')
    .option(
      '--threshold <share>',
      'leave out calls under this share of the time (default: 0.01)',
      parseShare,
    )
    .option('--show <glob>', 'never fold frames with this file or name (repeatable)', gather)
    .option('--hide <glob>', 'fold frames with this file or name (repeatable)', gather)
}

/** Programs get everything, people what matters, unless the flags say otherwise. */
export function viewOf(options: ViewOptions, forPrograms = false): View {
  const { all, invert, threshold, show, hide } = options
  const complete = all === true || forPrograms
  const least = threshold ?? (complete ? 0 : undefined)
  return {
    foldLibraries: !complete,
    ...(least === undefined ? {} : { threshold: least }),
    ...(invert ? { invert } : {}),
    ...(show ? { show } : {}),
    ...(hide ? { hide } : {}),
  }
}
