import { useMemo } from 'preact/hooks'
import type { ViewProps } from '../view-props.js'
import { type BaseOf, basesOf } from './base.js'
import { buildTreeModel } from './model.js'
import { Summary } from './summary.js'
import { Tree } from './tree.js'
import { readGroups, readView } from './view-settings.js'

/** The call tree of a selection, under a summary of it. */
export function TreePage(props: ViewProps) {
  const { index, selection, entries, profile, settings, change } = props
  const { fold, invert, min, hide, show, groups } = settings
  const baseOf: BaseOf = useMemo(() => basesOf(profile), [profile])
  const view = useMemo(() => readView(settings), [fold, invert, min, hide, show])
  const model = useMemo(
    () => buildTreeModel(baseOf(view.invert === true), view, readGroups(settings)),
    [baseOf, view, groups],
  )
  return (
    <div class="page tree-page">
      <Summary {...{ index, selection, entries, profile, model, settings }} />
      {model.tree.firstChild[0] === -1 ? (
        <p class="empty">
          {model.tree.total[0] === 0 ? 'No samples' : 'No call stacks'} in this profile.
        </p>
      ) : (
        <Tree
          profile={profile}
          baseOf={baseOf}
          model={model}
          view={view}
          settings={settings}
          change={change}
        />
      )}
    </div>
  )
}
