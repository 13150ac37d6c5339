import { useState } from 'preact/hooks'
import { ACCOUNT_TABLE, ACCOUNTS } from '../../../src/profile/accounts.js'
import type { FrameKind } from '../../../src/profile/frames.js'
import { HEAT_FROM } from '../../../src/render/heat.js'
import type { ViewName } from '../view-settings.js'
import { Swatch } from './account-colours.js'
import { Dialog } from './dialog.js'
import { nameStyle } from './frame-name.js'
import { useKeys } from './use-keys.js'

/** The button and the key that explain keys and colours, on every page. */
export function Help({ view }: { readonly view: ViewName }) {
  const [shown, setShown] = useState(false)
  useKeys({ '?': () => setShown(true) })
  return (
    <>
      <button
        type="button"
        class="plain help"
        title="Keys and colours (?)"
        aria-label="Keys and colours"
        onClick={() => setShown(true)}
      >
        ?
      </button>
      {shown && (
        <Dialog title="Keys and colours" onClose={() => setShown(false)}>
          <div class="help-columns">
            <Keys view={view} />
            <Colours />
          </div>
        </Dialog>
      )}
    </>
  )
}

// --- internal ---

/** Keys as they are written on them, and what they do. */
type KeyRow = readonly [keys: string, text: string]

const EVERYWHERE: readonly KeyRow[] = [
  ['?', 'this help'],
  ['Tab', 'to the next control'],
]

const KEYS: Readonly<Partial<Record<ViewName, readonly KeyRow[]>>> = {
  requests: [
    ['↑ ↓', 'move; with Page, Home and End too'],
    ['Enter', 'open'],
    ['Space', 'pick; Shift picks all since the last one'],
    ['a', 'pick all that are shown, or none'],
    ['m', 'merge what is picked, or shown'],
    ['/', 'filter'],
  ],
  tree: [
    ['↑ ↓', 'move; with Page, Home and End too'],
    ['→ ←', 'open and enter, close and leave'],
    ['Alt → ←', 'the same with everything below'],
    ['Enter', 'open or close'],
    ['f', 'open a folded group in place, or fold it again'],
    ['h', 'go down the heaviest calls'],
    ['/', 'find a function or file'],
    ['n N', 'next and previous match'],
    ['i', 'callers instead of callees'],
    ['%', 'shares instead of times'],
    ['c', 'copy the call and what it called as text'],
    ['C', 'copy the whole tree as text'],
  ],
  timeline: [
    ['→ ← ↑ ↓', 'go along the pieces, and to other rows'],
    ['Enter', 'choose the piece as the range of time for all views'],
    ['Esc', 'drop the range'],
    ['z', 'zoom to the piece'],
    ['+ - 0', 'zoom in, out, and to all'],
    ['Shift → ←', 'move by half a window'],
  ],
  functions: [
    ['↑ ↓', 'move; with Page, Home and End too'],
    ['Enter', 'show callers, callees and the source'],
    ['Esc', 'close them'],
    ['/', 'filter'],
    ['%', 'shares instead of times'],
  ],
}

function Keys({ view }: { readonly view: ViewName }) {
  return (
    <section>
      <h3>Keys</h3>
      <dl class="help-list">
        {[...(KEYS[view] ?? []), ...EVERYWHERE].map(([keys, text]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const NAMES: readonly (readonly [kind: FrameKind, text: string])[] = [
  ['app', 'your code'],
  ['library', 'packages, Node and the engine'],
  ['blocked', 'others ran; below it, whose code'],
]

function Colours() {
  return (
    <section>
      <h3>Where time goes</h3>
      <dl class="help-list">
        {ACCOUNTS.map((account) => (
          <div key={account}>
            <dt>
              <Swatch account={account} /> {account}
            </dt>
            <dd>{ACCOUNT_TABLE[account].meaning}</dd>
          </div>
        ))}
      </dl>
      <h3>Names and times</h3>
      <dl class="help-list">
        {NAMES.map(([kind, text]) => (
          <div key={kind}>
            <dt class={`sample kind-${kind}`}>
              <span class="name" style={nameStyle(kind)}>
                name
              </span>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>
            {[0, ...HEAT_FROM].map((_, heat) => (
              <b key={heat} class={`heat-${heat}`}>
                9
              </b>
            ))}
          </dt>
          <dd>shares from {heatText()} %</dd>
        </div>
      </dl>
    </section>
  )
}

/** `2, 10, 30 and 60` */
function heatText(): string {
  const percents = HEAT_FROM.map((share) => share * 100)
  return `${percents.slice(0, -1).join(', ')} and ${percents.at(-1)}`
}
