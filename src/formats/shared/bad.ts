import { ProfviewError } from '../../errors.js'

/** `BAD_INPUT` in one line: the place in the file, and what is wrong with what stands there. */
export function bad(place: string, fact: string): ProfviewError {
  return new ProfviewError('BAD_INPUT', `${place} ${fact}`, { path: place })
}
