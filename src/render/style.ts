import type { Account } from '../profile/accounts.js'
import type { FrameKind } from '../profile/frames.js'
import { heatOf } from './heat.js'

/** What the reader's screen can show. Both off: plain ASCII decoration, for pipes and files. */
export interface Screen {
  readonly color: boolean
  readonly unicode: boolean
  /** Characters in a line; without it, or 0, lines may be of any length. */
  readonly width?: number
}

export type Paint = (text: string) => string

/** Strokes and colours for a screen. */
export interface Style {
  /** Of the screen; 0 is no limit. */
  readonly width: number
  readonly branch: string
  readonly lastBranch: string
  readonly stem: string
  readonly gap: string
  readonly arrow: string
  readonly dot: string
  readonly plusMinus: string
  readonly times: string
  readonly ellipsis: string
  readonly bold: Paint
  readonly dim: Paint
  /** For a name, by what kind of frame it is. */
  readonly kind: (kind: FrameKind) => Paint
  /** For a fact about an account, as its frames are. */
  readonly account: (account: Account) => Paint
  /** For a time, by its share of the whole: what is hot should burn. */
  readonly heat: (share: number) => Paint
  /** For a change of time: more is bad. */
  readonly change: (weight: number) => Paint
}

export function styleFor({ color, unicode, width = 0 }: Screen): Style {
  const paint = (code: string): Paint => (color ? (text) => `\x1b[${code}m${text}\x1b[0m` : plain)
  const bold = paint('1')
  const dim = paint('2')
  const kinds: Readonly<Record<FrameKind, Paint>> = {
    app: bold,
    library: dim,
    node: dim,
    native: plain,
    root: dim,
    gc: paint('33'),
    offcpu: paint('34'),
    await: paint('36'),
    blocked: paint('35'),
    profiler: dim,
    unknown: dim,
  }
  const heats = [dim, plain, paint('32'), paint('33'), paint('31')]
  const [slower, faster] = [paint('31'), paint('32')]
  const strokes = unicode ? UNICODE : ASCII
  return {
    ...strokes,
    width,
    dim,
    bold,
    kind: (kind) => kinds[kind],
    account: (account) => kinds[account === 'cpu' ? 'app' : account],
    heat: (share) => heats[heatOf(share)]!,
    change: (weight) => (weight > 0 ? slower : weight < 0 ? faster : dim),
  }
}

// --- internal ---

const UNICODE = {
  branch: '├─ ',
  lastBranch: '└─ ',
  stem: '│  ',
  gap: '   ',
  arrow: '→',
  dot: '·',
  plusMinus: '±',
  times: '×',
  ellipsis: '…',
}
const ASCII = {
  branch: '|- ',
  lastBranch: '`- ',
  stem: '|  ',
  gap: '   ',
  arrow: '->',
  dot: '-',
  plusMinus: '+-',
  times: 'x',
  ellipsis: '...',
}

function plain(text: string): string {
  return text
}
