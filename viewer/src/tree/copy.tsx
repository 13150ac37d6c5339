import type { ComponentChild, ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { printable } from '../../../src/printable.js'
import { ROOT_STACK } from '../../../src/profile/builder.js'
import type { StackIndex } from '../../../src/profile/profile.js'
import { counted } from '../../../src/render/measure.js'
import { Dialog } from '../parts/dialog.js'
import { copyText } from './copy-text.js'
import type { TreeModel } from './tree-model.js'

interface Copying {
  /** A call and what it called; of a node that is none, everything. */
  readonly copy: (node: StackIndex) => void
  /** What came of it. */
  readonly copied: ComponentChild
}

/**
 * Copies calls as text, and says so; where the clipboard is refused, shows the text to copy from.
 */
export function useCopy(model: TreeModel): Copying {
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const done = () => setOutcome(null)
  const copy = (node: StackIndex) => {
    const text = copyText(model, node)
    const refused = () => setOutcome({ node, text, refused: true })
    // There is no clipboard where the address is neither this machine's nor https.
    if (!navigator.clipboard) return refused()
    navigator.clipboard
      .writeText(text)
      .then(() => setOutcome({ node, text, refused: false }), refused)
  }
  if (!outcome) return { copy, copied: null }
  if (outcome.refused) return { copy, copied: <ByHand text={outcome.text} onClose={done} /> }
  const lines = counted(outcome.text.split('\n').length - 1, 'line')
  const copied = (
    <Toast key={outcome.text} onDone={done}>
      Copied {lines} of {whatOf(model, outcome.node)}
      {outcome.node > ROOT_STACK && (
        <button type="button" class="plain" onClick={() => copy(-1)}>
          Copy the whole tree
        </button>
      )}
    </Toast>
  )
  return { copy, copied }
}

// --- internal ---

interface Outcome {
  readonly node: StackIndex
  readonly text: string
  readonly refused: boolean
}

function whatOf({ tree }: TreeModel, node: StackIndex): ComponentChild {
  if (node <= ROOT_STACK) return 'the call tree'
  const { frames, stacks } = tree.profile
  return <bdi>{printable(frames[stacks.frame[node]!]!.name)}</bdi>
}

function ByHand({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => area.current!.select(), [])
  return (
    <Dialog title="Copy from here" onClose={onClose}>
      <p>The browser keeps its clipboard to itself. The text is selected.</p>
      <textarea ref={area} class="by-hand" readOnly value={text} aria-label="The calls as text" />
    </Dialog>
  )
}

interface ToastProps {
  readonly onDone: () => void
  readonly children: ComponentChildren
}

/** Says that something has happened, and goes away by itself. */
function Toast({ onDone, children }: ToastProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: its time begins when it appears
  useEffect(() => {
    const timer = setTimeout(onDone, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class="toast" role="status">
      {children}
    </div>
  )
}

const SHOWN_MS = 5_000
