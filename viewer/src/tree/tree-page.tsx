import { useRef } from 'preact/hooks'
import type { Profile } from '../../../src/profile/profile.js'
import { type Coming, useSteps } from '../use-steps.js'
import type { ViewProps } from '../view-props.js'
import type { SettingsOf } from '../view-settings.js'
import { Summary } from './summary.js'
import { Tree } from './tree.js'
import { buildTreeModel, type TreeModel, treeSourceOf } from './tree-model.js'
import { viewOf } from './view-of.js'

/** The call tree of a selection, under a summary of it. */
export function TreePage(props: ViewProps<'tree'>) {
  const { index, selection, entries, change } = props
  const { value, isBusy } = useReady(props)
  if (!value) return <p class="empty">Reading…</p>
  const { profile, model, settings } = value
  return (
    <div class="page tree-page" aria-busy={isBusy}>
      <Summary {...{ index, selection, entries, profile, model, settings }} />
      {model.tree.firstChild[0] === -1 ? (
        <p class="empty">
          {model.tree.total[0] === 0 ? 'No samples' : 'No call stacks'} in this profile.
        </p>
      ) : (
        <Tree model={model} settings={settings} change={change} />
      )}
    </div>
  )
}

// --- internal ---

interface Ready {
  readonly profile: Profile
  readonly model: TreeModel
  /** Those by which the model was made. */
  readonly settings: SettingsOf<'tree'>
}

/** The tree that was there before stays for as long as the one that is wanted is being made. */
function useReady({ profile, settings }: ViewProps<'tree'>): Coming<Ready> {
  const { foldLibraries, invert, threshold, hide, show, groups } = settings
  const latest = useRef<Ready | null>(null)
  const source = useSteps(() => treeSourceOf(profile), [profile])
  const { value: model, isBusy } = useSteps(
    () => (source.isBusy ? null : buildTreeModel(source.value!, viewOf(settings))),
    [source.isBusy, source.value, foldLibraries, invert, threshold, hide, show, groups],
  )
  if (model && !isBusy) latest.current = { profile, model, settings }
  return { value: latest.current, isBusy }
}
