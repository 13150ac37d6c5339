import { type Command, Option } from 'commander'
import type { Profile } from '../profile/profile.js'
import { type TextOptions, textLines } from '../render/text.js'
import { applyView } from '../transform/view.js'
import type { Session } from './session.js'
import { type ViewOptions, viewOf } from './view-options.js'

/** How a profile is printed. */
export interface PrintOptions extends ViewOptions {
  readonly flat?: boolean
  readonly timeline?: boolean
  readonly md?: boolean
  readonly json?: boolean
}

export function addOutputOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--flat',
        'functions by their own time; what they ran for others, apart',
      ).conflicts(['timeline', 'md', 'json', 'invert']),
    )
    .addOption(new Option('--md', 'Markdown, for a pull request').conflicts('json'))
    .option('--json', '{ meta, tree }, complete unless other flags ask for less')
}

export async function printProfile(
  profile: Profile,
  options: PrintOptions,
  session: Session,
): Promise<void> {
  const view = viewOf(options, options.json)
  if (options.json) {
    const { jsonChunks } = await import('../render/json.js')
    await session.out.json(jsonChunks(applyView(profile, view)))
    return
  }
  await session.out.lines(
    await linesOf(profile, options, { ...view, ...session.screen, cwd: session.io.cwd }),
  )
}

// --- internal ---

/** What is not asked for is not loaded. */
async function linesOf(
  profile: Profile,
  options: PrintOptions,
  text: TextOptions,
): Promise<Iterable<string>> {
  if (options.flat) return (await import('../render/flat.js')).flatLines(profile, text)
  if (options.timeline) {
    return (await import('../render/timeline.js')).timelineLines(profile, text)
  }
  if (options.md) return (await import('../render/markdown.js')).markdownLines(profile, text)
  return textLines(profile, text)
}
