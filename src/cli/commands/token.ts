import { InvalidArgumentError } from 'commander'
import { LONGEST_LIFE_MS, signToken } from '../../token.js'
import { type DefineCommand, parseAge } from '../command.js'
import { secretOf } from '../secret.js'
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
