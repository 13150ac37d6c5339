/** A client of one server, whatever it speaks. */
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { App } from './table.mjs'

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer that has been asked for, and what goes away before it is there. */
interface Pending {
  readonly sent: Promise<void>
  readonly answer: Promise<Answer>
  abort(): void
}

const LOCAL = '127.0.0.1'

export class Client {
  readonly #protocol: App['protocol']
  readonly #port: number
  readonly #agent: Agent | TlsAgent
  #session: ClientHttp2Session | null = null

  constructor(protocol: App['protocol'], port: number) {
    this.#protocol = protocol
    this.#port = port
    const isTls = protocol === 'https'
    this.#agent = isTls
      ? new TlsAgent({ keepAlive: true, rejectUnauthorized: false })
      : new Agent({ keepAlive: true })
  }

  ask(path: string, asked: Asked = {}): Promise<Answer> {
    return this.begin(path, asked).answer
  }

  begin(path: string, asked: Asked = {}): Pending {
    const isHttp2 = this.#protocol === 'h2' || this.#protocol === 'h2c'
    return isHttp2 ? this.#beginStream(path, asked) : this.#beginRequest(path, asked)
  }

  /** What comes back for these bytes of HTTP/1, until the server closes, or it is enough. */
  exchange(bytes: string, isEnough = (_text: string) => false): Promise<string> {
    const port = this.#port
    const isTls = this.#protocol === 'https' || this.#protocol === 'h2'
    const socket = isTls
      ? connectTls({ host: LOCAL, port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : connect(port, LOCAL)
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => {
        chunks.push(chunk)
        if (isEnough(Buffer.concat(chunks).toString('latin1'))) socket.end()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
      socket.write(bytes)
    })
  }

  close(): void {
    this.#agent.destroy()
    this.#session?.destroy()
  }

  // --- internal ---

  #beginRequest(path: string, { method = 'GET', headers = {}, body }: Asked): Pending {
    const request = this.#protocol === 'https' ? requestHttps : requestHttp
    const options = { host: LOCAL, port: this.#port, path, method, headers, agent: this.#agent }
    const sending = request(options)
    const answer = answerOf(sending)
    answer.catch(() => {})
    const sent = new Promise<void>((resolve) => sending.end(body, () => resolve()))
    return { sent, answer, abort: () => sending.destroy() }
  }

  #beginStream(path: string, { method = 'GET', headers = {}, body }: Asked): Pending {
    const scheme = this.#protocol === 'h2' ? 'https' : 'http'
    this.#session ??= connectHttp2(`${scheme}://${LOCAL}:${this.#port}`, {
      rejectUnauthorized: false,
    })
    const stream = this.#session.request({ ':path': path, ':method': method, ...headers })
    const answer = new Promise<Answer>((resolve, reject) => {
      let head: Record<string, unknown> = {}
      const chunks: Buffer[] = []
      stream.on('response', (given) => {
        head = given
      })
      stream.on('data', (chunk) => chunks.push(chunk))
      stream.on('error', reject)
      stream.on('end', () => {
        const { ':status': status, ...rest } = head
        resolve({ status: Number(status), headers: textsOf(rest), body: joined(chunks) })
      })
    })
    answer.catch(() => {})
    const sent = new Promise<void>((resolve) => stream.end(body, () => resolve()))
    return { sent, answer, abort: () => stream.close(8) }
  }
}

// --- internal ---

function answerOf(sending: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode, headers } = response
        resolve({ status: statusCode!, headers: textsOf(headers), body: joined(chunks) })
      })
    })
  })
}

function textsOf(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

function joined(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString()
}
