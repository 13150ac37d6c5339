/** Whether a long life was flat: what grows is seen in the run itself, not against fixed sizes. */

/** Of a short run it cannot be told whether what is kept for a minute has stopped growing. */
const LONG_MS = 5 * 60_000
const MB = 1024 * 1024
/**
 * How much more the median of the last third may be than that of the second; the first is for
 * warming up. What is kept for each request would be hundreds of bytes of tens of thousands.
 */
const MAY_GROW = {
  heap: { by: 4 * MB, short: 60 * MB, unit: MB },
  external: { by: 4 * MB, short: 60 * MB, unit: MB },
  rss: { by: 24 * MB, short: 200 * MB, unit: MB },
  descriptors: { by: 2, short: 2, unit: 1 },
  listeners: { by: 0, short: 0, unit: 1 },
}
/** The limit is 60, for all who write; each of two adds its file before it removes another. */
const MOST_FILES = 62

export function verdictsOf(found) {
  const { measured, torn, kills, whole, unanswered, code, signal, errors } = found
  const wrong = []
  const third = (n) => measured.slice((measured.length * n) / 3, (measured.length * (n + 1)) / 3)
  const isLong = (measured.at(-1)?.at ?? 0) > LONG_MS
  const rows = Object.entries(MAY_GROW).map(([name, { by, short, unit }]) => {
    const [first, second, last] = [0, 1, 2].map((n) => median(third(n).map((each) => each[name])))
    if (!(last - second <= (isLong ? by : short))) wrong.push(`${name} grows`)
    return [
      name,
      ...[first, second, last].map((value) => (value / unit).toFixed(unit === 1 ? 0 : 1)),
    ]
  })
  if (torn.length > 0) wrong.push(`torn: ${torn.join(', ')}`)
  if (found.files > MOST_FILES) wrong.push(`${found.files} files in the directory`)
  if (unanswered.length > 0) wrong.push(`not answered: ${unanswered.join('; ')}`)
  if (code !== 0 || signal !== null) wrong.push(`the server ended with ${code ?? signal}`)
  if (kills === 0 || whole === 0) wrong.push('nobody was killed, or nothing written')
  wrong.push(...errors)
  const table = rows.map(([name, ...values]) =>
    [`  ${name.padEnd(12)}`, ...values.map((value) => value.padStart(9))].join(''),
  )
  return { table: table.join('\n'), wrong }
}

// --- internal ---

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
