import type { Range } from '../../src/transform/range.js'

/** Something of a view that the address carries. */
export interface Setting<Value> {
  /** In the address. */
  readonly name: string
  /** What holds where the address says nothing; it is left out when it is written. */
  readonly fallback: Value
  /** Undefined for a text that means nothing. */
  parse(text: string): Value | undefined
  format(value: Value): string
}

/** The settings of a view, by what the page calls them. */
export type Description = Readonly<Record<string, Setting<unknown>>>

/** The values that a description describes. */
export type ValuesOf<Described> = {
  readonly [Key in keyof Described]: Described[Key] extends Setting<infer Value> ? Value : never
}

/**
 * The values of a query. What is in it comes first and in its order, so that writing the values
 * gives the same query; what it lacks or what is not understood has its fallback.
 */
export function readSettings<Described extends Description>(
  description: Described,
  query: Iterable<readonly [string, string]>,
): ValuesOf<Described> {
  const described = Object.entries(description)
  const values = new Map<string, unknown>()
  for (const [name, text] of query) {
    const [key, setting] = described.find(([, each]) => each.name === name) ?? []
    const value = setting?.parse(text)
    if (key !== undefined && value !== undefined) values.set(key, value)
  }
  for (const [key, { fallback }] of described) if (!values.has(key)) values.set(key, fallback)
  return Object.fromEntries(values) as ValuesOf<Described>
}

/** The query of some values, as `name=text`. */
export function writeSettings<Described extends Description>(
  description: Described,
  values: Partial<ValuesOf<Described>>,
): string[] {
  return Object.entries<unknown>(values).flatMap(([key, value]) => {
    const { name, fallback, format } = description[key]!
    const text = format(value)
    return text === format(fallback) ? [] : [`${name}=${encodeURIComponent(text)}`]
  })
}

export function text(name: string, fallback = ''): Setting<string> {
  return { name, fallback, parse: (written) => written || undefined, format: (value) => value }
}

/** `on` or `off`. */
export function flag(name: string, fallback: boolean): Setting<boolean> {
  return choice(name, [fallback, !fallback], (value) => (value ? 'on' : 'off'))
}

/** One of a few, of which the first is the fallback. */
export function choice<const Value>(
  name: string,
  values: readonly [Value, ...Value[]],
  format: (value: Value) => string = String,
): Setting<Value> {
  const parse = (written: string) => values.find((value) => format(value) === written)
  return { name, fallback: values[0], parse, format }
}

/** The index of a stack; 0, which is that of the root, for none. */
export function stackIndex(name: string): Setting<number> {
  const parse = (written: string) => (/^\d{1,10}$/.test(written) ? Number(written) : undefined)
  return { name, fallback: 0, parse, format: String }
}

/** `1200-5600`, microseconds from the start; null for all. */
export function timeRange(name: string): Setting<Range | null> {
  return {
    name,
    fallback: null,
    parse: remembering((written) => {
      const [from, to] = twoNumbers(written) ?? [0, 0]
      return from < to ? { from, to } : undefined
    }),
    format: (range) => (range ? `${Math.round(range.from)}-${Math.round(range.to)}` : ''),
  }
}

/** Values with a dot between them; `parse` may refuse some. */
export function list<Item>(
  name: string,
  parse: (text: string) => Item | undefined,
  format: (item: Item) => string = String,
): Setting<readonly Item[]> {
  return {
    name,
    fallback: [],
    parse: remembering((written) => written.split('.').flatMap((each) => parse(each) ?? [])),
    format: (items) => items.map(format).join('.'),
  }
}

/** `12-3400`. */
export function twoNumbers(written: string): readonly [number, number] | null {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(written)
  return match && [Number(match[1]), Number(match[2])]
}

/** The same object for the same text, so that what is made of it is not made again. */
export function remembering<Value>(parse: (text: string) => Value): (text: string) => Value {
  let latest: { readonly text: string; readonly value: Value } | null = null
  return (text) => {
    if (latest?.text !== text) latest = { text, value: parse(text) }
    return latest.value
  }
}
