/**
 * What comes in on a client's socket is the answer to a request: `fetch GET api.example.com`, never
 * its path. Node's clients tell on their diagnostics channels; they are listened to only while
 * somebody is recorded.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { answerOn, expectAnswer } from './answers.js'
import { createTags } from './object-tags.js'
import type { PendingOperations } from './pending.js'

export class HttpClients {
  readonly #onAnswer: (text: string) => void
  readonly #pendingNow: () => PendingOperations | null
  readonly #fetches = createTags<{ readonly pending: PendingOperations | null }>()

  /**
   * `onAnswer` is told when the head of an answer has come in; it must not throw. `pendingNow`:
   * what whoever runs now has asked for, null if that is not kept.
   */
  constructor(onAnswer: (text: string) => void, pendingNow: () => PendingOperations | null) {
    this.#onAnswer = onAnswer
    this.#pendingNow = pendingNow
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
      'undici:request:create',
      quietly(({ request }: UndiciMessage) => {
        const pending = this.#pendingNow()
        expectAnswer(request, textOf(request))
        this.#fetches.set(request, { pending })
        pending?.add(request)
      }),
    ],
    [
      'undici:client:sendHeaders',
      quietly(({ request, socket }: UndiciMessage) => {
        if (answerOn(request) === '') expectAnswer(request, textOf(request))
        mark(socket, answerOn(request))
      }),
    ],
    [
      'undici:request:headers',
      quietly(({ request }: UndiciMessage) => {
        this.#fetches.get(request)?.pending?.answered(request)
        if (answerOn(request) !== '') this.#onAnswer(answerOn(request))
      }),
    ],
    [
      'undici:request:error',
      quietly(({ request }: UndiciMessage) => {
        this.#fetches.get(request)?.pending?.answered(request)
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

function mark(socket: Socket | undefined, text: string): void {
  if (socket?._handle) expectAnswer(socket._handle, text)
}

function textOf({ method, origin }: UndiciMessage['request']): string {
  return `fetch ${method} ${new URL(origin).host}`
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
