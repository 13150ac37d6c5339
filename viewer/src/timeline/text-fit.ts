/** The part of a canvas that knows how wide a text is. */
export interface TextMeasure {
  readonly font: string
  measureText(text: string): { readonly width: number }
}

/** The text, shortened at its end to a width in the context's font. */
export function fittedText(context: TextMeasure, text: string, width: number): string {
  const long = widthOf(context, text)
  if (long <= width) return text
  const characters = Array.from(text)
  let count = Math.floor((characters.length * width) / long)
  for (; count > 0; count--) {
    const short = `${characters.slice(0, count).join('')}…`
    if (widthOf(context, short) <= width) return short
  }
  return ''
}

/** The text if it fits, else nothing: a number that is cut is another number. */
export function wholeText(context: TextMeasure, text: string, width: number): string {
  return widthOf(context, text) <= width ? text : ''
}

// --- internal ---

/** Measuring costs more than drawing, and the same few texts return in every picture. */
const known = new Map<string, number>()
const MOST_KNOWN = 20_000

function widthOf(context: TextMeasure, text: string): number {
  const key = `${context.font}\n${text}`
  const before = known.get(key)
  if (before !== undefined) return before
  if (known.size >= MOST_KNOWN) known.clear()
  const { width } = context.measureText(text)
  known.set(key, width)
  return width
}
