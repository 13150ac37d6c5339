import type { ComponentType } from 'preact'
import { useMemo } from 'preact/hooks'
import { printable } from '../../src/profile/printable.js'
import { rangeOf } from '../../src/transform/range.js'
import { ComparePage } from './compare/compare-page.js'
import { FlamePage } from './flame/flame-page.js'
import { FunctionsPage } from './functions/functions-page.js'
import type { SelectionView } from './place.js'
import { readRange } from './range.js'
import { TimelinePage } from './timeline/timeline-page.js'
import { TreePage } from './tree/tree-page.js'
import { useProfile } from './use-profile.js'
import type { ViewProps } from './view-props.js'

type SelectionPageProps = Omit<ViewProps, 'whole' | 'profile'> & { readonly view: SelectionView }

/**
 * One view of the selected profiles. The profile is fetched once, whatever view it is looked at in.
 */
export function SelectionPage({ view, ...props }: SelectionPageProps) {
  const { entries, selection } = props
  const name = entries.length === 1 ? entries[0]!.file : 'selection.cpuprofile'
  const { profile: whole, progress, error } = useProfile(selection, name)
  const { range = '' } = props.settings
  const profile = useMemo(() => {
    const wanted = readRange({ range })
    return whole && wanted ? rangeOf(whole, wanted) : whole
  }, [whole, range])
  if (error !== '') return <p class="empty">{printable(error)}</p>
  if (!whole || !profile) return <Reading share={progress} />
  const Page = PAGES[view]
  return <Page {...props} whole={whole} profile={profile} />
}

// --- internal ---

function Reading({ share }: { readonly share: number }) {
  return (
    <p class="empty" role="status">
      Reading…{share > 0 && ` ${Math.round(share * 100)} %`}
    </p>
  )
}

const PAGES: Readonly<Record<SelectionView, ComponentType<ViewProps>>> = {
  tree: TreePage,
  timeline: TimelinePage,
  functions: FunctionsPage,
  flame: FlamePage,
  compare: ComparePage,
}
