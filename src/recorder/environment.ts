/**
 * Where options of the environment stand. PM2's cluster mode gives the app's variables to the
 * app's code only: until then they are in one that holds them all.
 */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is set there wins. */
export function environment(env: Environment = process.env): Environment {
  const packed = env.pm2_env
  return packed === undefined ? env : { ...unpacked(packed), ...env }
}

// --- internal ---

const OURS = /^(?:PROFVIEW(?:_\w+)?|NODE_ENV)$/

function unpacked(text: string): Environment {
  try {
    const all: unknown = JSON.parse(text)
    const given = Object.entries(all ?? {})
    const pairs = given.filter(([name, value]) => OURS.test(name) && isWritten(value))
    return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
  } catch {
    // Somebody else's variable.
    return {}
  }
}

function isWritten(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
