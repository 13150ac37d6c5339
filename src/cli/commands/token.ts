import { InvalidArgumentError } from 'commander'
import { ProfviewError } from '../../errors.js'
import { LONGEST_LIFE_MS, SECRET_BYTES, secretsIn, signToken } from '../../token.js'
import { type DefineCommand, parseAge } from '../command.js'
import type { Session } from '../session.js'

export const defineToken: DefineCommand = (program, session) => {
  program
    .command('token')
    .allowExcessArguments(false)
    .description('a signed trigger for one request, by the secret in $PROFVIEW_SECRET')
    .option('--method <name>', 'of the request', parseMethod, 'GET')
    .requiredOption(
      '--path <path>',
      'of the request (required), as it is sent, without its query',
      parsePath,
    )
    .option('--ttl <time>', 'how long it is valid, at most 5m (default: 60s)', parseLife)
    .addHelpText('after', EXAMPLE)
    .action((options: TokenOptions) => printToken(options, session))
}

// --- internal ---

interface TokenOptions {
  readonly method: string
  readonly path: string
  /** ms. */
  readonly ttl?: number
}

const EXAMPLE = `
It opens that method and path once. One per request, as a header or in the query:

  curl -H "x-profile: $(profview token --path /users/7)" 'https://host/users/7?full=1'
`

async function printToken(options: TokenOptions, session: Session): Promise<void> {
  const { ttl = 60_000, ...request } = options
  const secret = secretOf(session.io.env.PROFVIEW_SECRET)
  await session.out.lines([signToken(secret, request, Math.floor(Date.now() + ttl))])
}

/** Of two, the first signs. Never in an argument: other users of the machine see those. */
function secretOf(text: string | undefined): string {
  const [secret] = secretsIn(text ?? '') ?? []
  if (secret !== undefined) return secret
  const fault =
    text === undefined
      ? 'is not set: it takes the secret that the app has'
      : `must be one secret, or two separated by a comma, of ${SECRET_BYTES} bytes or more each`
  throw new ProfviewError('BAD_OPTION', `PROFVIEW_SECRET ${fault}`, { path: 'PROFVIEW_SECRET' })
}

function parseMethod(text: string): string {
  if (!/^[a-z-]+$/i.test(text)) throw new InvalidArgumentError('Not a method: GET is one.')
  return text.toUpperCase()
}

function parsePath(text: string): string {
  if (/^\/[!-~]*$/.test(text) && !/[?#]/.test(text)) return text
  throw new InvalidArgumentError(
    'Not a path as it is sent: /users/7 is one, percent-encoded where it has to be, without query.',
  )
}

function parseLife(text: string): number {
  const life = parseAge(text)
  if (life > 0 && life <= LONGEST_LIFE_MS) return life
  throw new InvalidArgumentError('A token is valid for 5m at most.')
}
