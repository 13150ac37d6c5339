/**
 * A session with the inspector of another process. Node 20 has no WebSocket of its own; what is
 * needed of the protocol is texts in both directions.
 */
import { randomBytes } from 'node:crypto'
import { get, request } from 'node:http'
import type { Socket } from 'node:net'

export class Inspector {
  readonly #socket: Socket
  readonly #frames = new Frames((text) => this.#received(text))
  readonly #waiting = new Map<number, (message: Message) => void>()
  readonly #listeners = new Map<string, (params: never) => void>()
  #lastId = 0

  private constructor(socket: Socket, head: Buffer) {
    this.#socket = socket
    socket.on('data', (bytes) => this.#frames.add(bytes)).on('error', () => {})
    socket.on('close', () => this.#closed())
    this.#frames.add(head)
  }

  static async connect(port: number): Promise<Inspector> {
    const [target] = (await json(port, '/json/list')) as { webSocketDebuggerUrl: string }[]
    const { pathname } = new URL(target!.webSocketDebuggerUrl)
    return new Promise((resolve, reject) => {
      const headers = {
        ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': 13 },
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      }
      request({ host: HOST, port, path: pathname, headers, timeout: ANSWER_MS })
        .on('upgrade', (_response, socket, head) => {
          socket.setTimeout(0)
          resolve(new Inspector(socket, head))
        })
        .on('response', ({ statusCode }) => reject(new Error(`it answered ${statusCode}`)))
        .on('timeout', () => reject(new Error('it did not answer')))
        .on('error', reject)
        .end()
    })
  }

  /** Null where there is no answer in time; throws what is wrong with the call. */
  async call(method: string, params: object = {}, ms = ANSWER_MS): Promise<Result | null> {
    if (this.#socket.destroyed) return null
    const id = ++this.#lastId
    const answer = new Promise<Message | null>((resolve) => {
      const timer = setTimeout(resolve, ms, null)
      this.#waiting.set(id, (message) => {
        clearTimeout(timer)
        resolve(message)
      })
    })
    this.#socket.write(frameOf(JSON.stringify({ id, method, params })))
    const message = await answer
    this.#waiting.delete(id)
    if (message?.error !== undefined) throw new Error(message.error.message)
    return message?.result ?? null
  }

  on<Params>(name: string, told: (params: Params) => void): void {
    this.#listeners.set(name, told)
  }

  /** The next of these events; null where none comes in time. */
  event<Params>(name: string, ms = ANSWER_MS): Promise<Params | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms, null)
      this.#listeners.set(name, (params) => {
        clearTimeout(timer)
        resolve(params)
      })
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  // --- internal ---

  #received(text: string): void {
    const message = JSON.parse(text) as Message
    if (message.id !== undefined) this.#waiting.get(message.id)?.(message)
    else this.#listeners.get(message.method ?? '')?.(message.params as never)
  }

  #closed(): void {
    for (const answer of this.#waiting.values()) answer({})
  }
}

/** What runs there: `v20.19.0`; null where nothing of Node's answers. */
export async function versionAt(port: number): Promise<string | null> {
  const { Browser = '' } = (await json(port, '/json/version').catch(() => ({}))) as {
    Browser?: string
  }
  return /^node\.js\/(v.+)$/.exec(Browser)?.[1] ?? null
}

// --- internal ---

const HOST = '127.0.0.1'
const ANSWER_MS = 5000

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: Result
  readonly error?: { readonly message: string }
}

export type Result = Readonly<Record<string, unknown>>

function json(port: number, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get({ host: HOST, port, path, agent: false, timeout: ANSWER_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more
      })
      response.on('error', reject).on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch (error) {
          reject(error)
        }
      })
    })
      .on('timeout', () => reject(new Error('it did not answer')))
      .on('error', reject)
  })
}

const TEXT = 0x81
const MASKED = 0x80

/** Clients mask what they send; with zeros it is what it was. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(14)
  head[0] = TEXT
  head[1] = MASKED | 127
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

/** Bytes → texts. */
class Frames {
  readonly #told: (text: string) => void
  #bytes = Buffer.alloc(0)
  #parts: Buffer[] = []

  constructor(told: (text: string) => void) {
    this.#told = told
  }

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (let taken = this.#next(); taken > 0; taken = this.#next())
      this.#bytes = this.#bytes.subarray(taken)
  }

  /** How long the frame was that has come in whole; 0: none has. */
  #next(): number {
    const bytes = this.#bytes
    if (bytes.length < 2) return 0
    const short = bytes[1]! & 0x7f
    const start = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < start) return 0
    const long = short === 126 ? bytes.readUInt16BE(2) : short
    const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : long
    if (bytes.length < start + length) return 0
    const [opcode, isLast] = [bytes[0]! & 0x0f, bytes[0]! >= 0x80]
    if (opcode <= 1) this.#parts.push(bytes.subarray(start, start + length))
    if (opcode <= 1 && isLast) {
      const text = Buffer.concat(this.#parts).toString('utf8')
      this.#parts = []
      this.#told(text)
    }
    return start + length
  }
}
