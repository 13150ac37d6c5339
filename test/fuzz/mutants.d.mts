export interface Mutant {
  readonly name: string
  readonly bytes: Uint8Array
}
export function seeds(): Mutant[]
export function mutant(number: number, from: readonly Mutant[]): Mutant
export function randomOf(seed: number): () => number
