import { printable } from '../printable.js'

/** The part of pino that is used; `console` fits too. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
}

/** Undefined for what cannot log. */
export function pinoShaped(value: Logger): Logger | undefined {
  return typeof value?.info === 'function' && typeof value.warn === 'function' ? value : undefined
}

/** The app's logger cannot fail anything here, and gets one harmless line: it may be a terminal. */
export function safe(logger: Logger): Logger {
  const call = (level: keyof Logger, message: string) => {
    try {
      logger[level](printable(message))
    } catch {
      // Not ours.
    }
  }
  return {
    info: (message) => call('info', message),
    warn: (message) => call('warn', message),
  }
}

/** Warns as Node does, on stderr, of each thing once. */
export const DEFAULT_LOGGER: Logger = safe({ info: () => {}, warn: (message) => warn(message) })

// --- internal ---

const warned = new Set<string>()

/** Some name a file, which is another one each time. */
const MOST_REMEMBERED = 1000

function warn(message: string): void {
  if (warned.has(message)) return
  if (warned.size >= MOST_REMEMBERED) warned.clear()
  warned.add(message)
  process.emitWarning(message.replace(/^profview: /, ''), 'ProfviewWarning')
}
