import { ProfviewError } from '../errors.js'
import { SECRET_BYTES, secretsIn } from '../token.js'

/** Of two, the first signs. Never in an argument: other users of the machine see those. */
export function secretOf(text: string | undefined): string {
  const [secret] = secretsIn(text ?? '') ?? []
  if (secret !== undefined) return secret
  const fault =
    text === undefined
      ? 'is not set: it takes the secret that the app has'
      : `must be one secret, or two separated by a comma, of ${SECRET_BYTES} bytes or more each`
  throw new ProfviewError('BAD_OPTION', `PROFVIEW_SECRET ${fault}`, { path: 'PROFVIEW_SECRET' })
}
