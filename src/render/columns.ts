/**
 * How many columns of a terminal a text takes: letters of Chinese, Japanese and Korean and most
 * emoji take two, marks that stand on the letter before them none.
 *
 *     columnsOf('loadUser') === 8, columnsOf('注文を読む') === 10
 */
export function columnsOf(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += widthOf(character)
  return columns
}

/** The text with blanks before or behind it, so that it takes so many columns. */
export function padded(text: string, columns: number, side: 'before' | 'behind'): string {
  const blanks = ' '.repeat(Math.max(columns - columnsOf(text), 0))
  return side === 'before' ? blanks + text : text + blanks
}

/** As many characters as fit into so many columns, of its beginning or of its end. */
export function startOf(text: string, columns: number): string {
  return [...within([...text], columns)].join('')
}

export function endOf(text: string, columns: number): string {
  return [...within([...text].reverse(), columns)].reverse().join('')
}

// --- internal ---

const NOT_ASCII = /[^\x00-\x7f]/
/** East Asian Wide and Fullwidth (Unicode's annex 11), in blocks; emoji are wide by themselves. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const ON_THE_LETTER_BEFORE = /\p{Mn}|\p{Me}|\u200d|\ufe0f/u

function widthOf(character: string): number {
  if (!NOT_ASCII.test(character)) return 1
  return ON_THE_LETTER_BEFORE.test(character) ? 0 : WIDE.test(character) ? 2 : 1
}

function* within(characters: readonly string[], columns: number): Generator<string> {
  let left = columns
  for (const character of characters) {
    left -= widthOf(character)
    if (left < 0) return
    yield character
  }
}
