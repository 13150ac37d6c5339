/**
 * What a profile says in numbers, as a judge adds it up. Nothing in this folder uses code of ours:
 * each file counts what one format holds by the format's own description.
 */
export interface Sums {
  /** Microseconds, or what the file counts. */
  readonly total: number
  /** By function: `name file:line:column`, lines and columns from 1, 0 where there is none. */
  readonly self: ReadonlyMap<string, number>
  /** Callees included; a sample counts once, however often the function is on its stack. */
  readonly whole: ReadonlyMap<string, number>
}

export class Adder implements Sums {
  total = 0
  readonly self = new Map<string, number>()
  readonly whole = new Map<string, number>()

  /** A stack, caller first; an empty one is the root's. */
  add(stack: readonly string[], weight: number): void {
    if (weight === 0) return
    this.total += weight
    increase(this.self, stack.at(-1) ?? ROOT, weight)
    for (const name of new Set(stack)) increase(this.whole, name, weight)
  }
}

/** Of a function that is known by its place. */
export function keyOf(name: string, file: string, line: number, column: number): string {
  return `${ourName(name, file) || '(anonymous)'} ${file}:${Math.max(0, line)}:${Math.max(0, column)}`
}

/** @datadog/pprof has its own word for V8's `(garbage collector)`. */
export function ourName(name: string, file: string): string {
  return name === 'Garbage Collection' && file === '' ? '(garbage collector)' : name
}

export const ROOT = keyOf('(root)', '', 0, 0)
/** Time of which the file does not say what ran. */
export const UNKNOWN = keyOf('[unknown]', '', 0, 0)

export function increase(sums: Map<string, number>, key: string, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by)
}
