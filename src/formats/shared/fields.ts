import type { ProfviewError } from '../../errors.js'
import { bad } from './bad.js'

/**
 * The fields of an object from a file, each asked for by its name and kind. A damaged or hostile
 * file cannot hand a wrong type to what comes after: throws `BAD_INPUT` with the place.
 */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #place: string

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw notA(place, 'an object')
    }
    this.#fields = value as Record<string, unknown>
    this.#place = place
  }

  get(name: string): unknown {
    // Its own only: `__proto__` is a name like others.
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value !== 'string') throw notA(this.placeOf(name), 'a text')
    return value
  }

  /** A whole number, not negative. */
  count(name: string): number {
    const value = this.get(name)
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw notA(this.placeOf(name), 'a whole number')
    }
    return value as number
  }

  flag(name: string): boolean {
    const value = this.get(name)
    if (typeof value !== 'boolean') throw notA(this.placeOf(name), 'true or false')
    return value
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.get(name)
    const word = words.find((candidate) => candidate === value)
    if (word === undefined) throw notA(this.placeOf(name), words.join(' or '))
    return word
  }

  /** Null, or what `read` makes of the object. */
  object<Value>(name: string, read: (fields: Fields) => Value): Value | null {
    const value = this.get(name)
    return value === null ? null : read(new Fields(value, this.placeOf(name)))
  }

  list<Item>(name: string, read: (item: unknown, place: string) => Item): Item[] {
    return listOf(this.get(name), this.placeOf(name), read)
  }

  /** A list of objects. */
  objects<Value>(name: string, read: (fields: Fields) => Value): Value[] {
    return this.list(name, (item, place) => read(new Fields(item, place)))
  }

  /** An object of texts. */
  texts(name: string): Readonly<Record<string, string>> {
    const value = this.get(name)
    const members = new Fields(value, this.placeOf(name))
    // `fromEntries` defines properties, so that a label named `__proto__` is one more label.
    return Object.fromEntries(Object.keys(value as object).map((key) => [key, members.text(key)]))
  }

  /**
   * What a reader knows of the object, and behind it what it does not, as it is: the members of
   * other names, `but` for some.
   */
  withUnknown<Known extends object>(known: Known, but: readonly string[] = []): Known {
    const isUnknown = (name: string) => !Object.hasOwn(known, name) && !but.includes(name)
    const unknown = Object.keys(this.#fields).filter(isUnknown)
    if (unknown.length === 0) return known
    const added = unknown.map((name) => [name, this.#fields[name]] as const)
    return Object.fromEntries([...Object.entries(known), ...added]) as Known
  }

  placeOf(name: string): string {
    return `${this.#place}.${name}`
  }
}

export function listOf<Item>(
  value: unknown,
  place: string,
  read: (item: unknown, place: string) => Item,
): Item[] {
  if (!Array.isArray(value)) throw notA(place, 'a list')
  return value.map((item, i) => read(item, `${place}[${i}]`))
}

export function notA(place: string, kind: string): ProfviewError {
  return bad(place, `is not ${kind}`)
}
