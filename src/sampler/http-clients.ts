/**
 * What comes in on a client's socket is the answer to a request: `fetch GET api.example.com`, never its path. Node's
 * clients tell on their diagnostics channels; they are listened to only while somebody is recorded.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createStamps } from './stamp.js'

/** The request whose answer comes in on a socket's handle, in people's words; '' if none is known. */
export function answerOn(handle: object): string {
  return answers.get(handle)?.text ?? ''
}

export class HttpClients {
  readonly #onAnswer: (text: string) => void
  readonly #texts = createStamps<{ text: string }>()

  /** `onAnswer` is told when the head of an answer has come in; it must not throw. */
  constructor(onAnswer: (text: string) => void) {
    this.#onAnswer = onAnswer
  }

  enable(): void {
    for (const [channel, listener] of this.#listeners) subscribe(channel, listener)
  }

  disable(): void {
    for (const [channel, listener] of this.#listeners) unsubscribe(channel, listener)
  }

  // --- internal ---

  /** A listener that throws would end the process. */
  readonly #listeners: readonly (readonly [string, (message: unknown) => void])[] = [
    [
      'undici:client:sendHeaders',
      quietly(({ request, socket }: UndiciMessage) => {
        const text = `fetch ${request.method} ${hostOf(request.origin)}`
        this.#texts.set(request, { text })
        mark(socket, text)
      }),
    ],
    [
      'undici:request:headers',
      quietly(({ request }: UndiciMessage) => {
        const known = this.#texts.get(request)
        if (known !== null) this.#onAnswer(known.text)
      }),
    ],
    [
      'http.client.response.finish',
      quietly(({ request }: HttpMessage) => {
        const text = `HTTP ${request.method} ${request.getHeader('host') ?? request.host}`
        mark(request.socket, text)
        this.#onAnswer(text)
      }),
    ],
  ]
}

// --- internal ---

interface Socket {
  readonly _handle?: object | null
}

interface UndiciMessage {
  readonly request: { readonly method: string; readonly origin: string | URL }
  readonly socket?: Socket
}

interface HttpMessage {
  readonly request: {
    readonly method: string
    readonly host: string
    readonly socket?: Socket
    getHeader(name: string): unknown
  }
}

const answers = createStamps<{ text: string }>()

function mark(socket: Socket | undefined, text: string): void {
  if (socket?._handle) answers.set(socket._handle, { text })
}

function hostOf(origin: string | URL): string {
  return new URL(origin).host
}

function quietly<Message>(listener: (message: Message) => void): (message: unknown) => void {
  return (message) => {
    try {
      listener(message as Message)
    } catch {
      // Another shape than we know: the socket is named instead.
    }
  }
}
