import { useMemo } from 'preact/hooks'
import type { ViewProps } from '../view-props.js'
import { Summary } from './summary.js'
import { Tree } from './tree.js'
import { buildTreeModel, treeSourceOf } from './tree-model.js'
import { viewOf } from './view-of.js'

/** The call tree of a selection, under a summary of it. */
export function TreePage(props: ViewProps<'tree'>) {
  const { index, selection, entries, profile, settings, change } = props
  const { foldLibraries, invert, threshold, hide, show, groups } = settings
  const source = useMemo(() => treeSourceOf(profile), [profile])
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the settings, these make the tree
  const model = useMemo(
    () => buildTreeModel(source, viewOf(settings)),
    [source, foldLibraries, invert, threshold, hide, show, groups],
  )
  return (
    <div class="page tree-page">
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
