import type { ComponentType } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { printable } from '../../src/printable.js'
import type { Profile } from '../../src/profile/profile.js'
import { onlyPart } from '../../src/render/parts.js'
import { rangeOf } from '../../src/transform/range.js'
import { type Selection, toQuery } from '../../src/viewer-api/wire.js'
import { ComparePage } from './compare/compare-page.js'
import { dataSource } from './data/page-source.js'
import { FlamePage } from './flame/flame-page.js'
import { FunctionsPage } from './functions/functions-page.js'
import { type SelectionView, type Target, writeLocation } from './page-location.js'
import { PartChoice } from './parts/part-choice.js'
import { TimelinePage } from './timeline/timeline-page.js'
import { TreePage } from './tree/tree-page.js'
import type { ViewProps } from './view-props.js'
import type { SharedSettings } from './view-settings.js'

type SelectionPageProps<View extends SelectionView> = Omit<ViewProps<View>, 'whole' | 'profile'> & {
  readonly view: View
  readonly settings: SharedSettings
}

/**
 * One view of the selected profiles. The profile is fetched once, whatever view it is looked at in.
 */
export function SelectionPage<View extends SelectionView>(props: SelectionPageProps<View>) {
  const { view, entries, selection } = props
  const name = entries.length === 1 ? entries[0]!.file : 'selection.cpuprofile'
  const { profile: all, progress, error } = useProfile(selection, name)
  const { range, part, unit } = props.settings
  const whole = useMemo(() => (all && part !== '' ? onlyPart(all, part) : all), [all, part])
  const profile = useMemo(
    () => (whole && range ? rangeOf(whole, range).profile : whole),
    [whole, range],
  )
  if (error !== '') return <p class="empty">{printable(error)}</p>
  if (!all || !whole || !profile) return <Reading share={progress} />
  const Page: ComponentType<ViewProps<View>> = PAGES[view]
  // Of another part, calls and times have other places.
  const onPart = (next: string) => {
    const settings = { unit, part: next }
    location.hash = writeLocation({ view, selection, settings } as Target)
  }
  return (
    <>
      <PartChoice profile={all} part={part} onChange={onPart} />
      <Page {...props} whole={whole} profile={profile} />
    </>
  )
}

// --- internal ---

interface Loading {
  readonly profile: Profile | null
  /** Of the bytes, the share that is here. */
  readonly progress: number
  readonly error: string
}

/** The profile of a selection, fetched once for all views; `name` where it does not say its own. */
function useProfile(selection: Selection, name: string): Loading {
  const [profile, setProfile] = useState<Profile | null>(null)
  const [progress, setProgress] = useState(0)
  const [error, setError] = useState('')
  const query = toQuery(selection)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `query` is all of the selection
  useEffect(() => {
    const stop = new AbortController()
    setProfile(null)
    setError('')
    setProgress(0)
    // Small steps would only cost frames.
    const onProgress = (share: number) => setProgress(Math.floor(share * 100) / 100)
    dataSource
      .load(selection, stop.signal, { name, onProgress })
      .then(setProfile, (reason: Error) => {
        if (!stop.signal.aborted) setError(reason.message)
      })
    return () => stop.abort()
  }, [query])
  return { profile, progress, error }
}

function Reading({ share }: { readonly share: number }) {
  return (
    <p class="empty" role="status">
      Reading…{share > 0 && ` ${Math.round(share * 100)} %`}
    </p>
  )
}

const PAGES: { readonly [View in SelectionView]: ComponentType<ViewProps<View>> } = {
  tree: TreePage,
  timeline: TimelinePage,
  functions: FunctionsPage,
  flame: FlamePage,
  compare: ComparePage,
}
