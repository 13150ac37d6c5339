/**
 * What comes in on a client's socket is the answer to a request: `fetch GET api.example.com`, never
 * its path. Node's clients tell on their diagnostics channels; they are listened to only while
 * somebody is recorded.
 */
import { answerOn, expectAnswer } from './answers.js'
import { listenersOf } from './channels.js'
import { type FetchRequest, fetchText, type HttpRequest, httpText } from './http-names.js'
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
    this.#channels.enable()
  }

  disable(): void {
    this.#channels.disable()
  }

  // --- internal ---

  readonly #channels = listenersOf({
    'undici:request:create': ({ request }: UndiciMessage) => {
      const pending = this.#pendingNow()
      expectAnswer(request, fetchText(request))
      this.#fetches.set(request, { pending })
      pending?.add(request)
    },
    'undici:client:sendHeaders': ({ request, socket }: UndiciMessage) => {
      if (answerOn(request) === '') expectAnswer(request, fetchText(request))
      mark(socket, answerOn(request))
    },
    'undici:request:headers': ({ request }: UndiciMessage) => {
      this.#fetches.get(request)?.pending?.answered(request)
      if (answerOn(request) !== '') this.#onAnswer(answerOn(request))
    },
    'undici:request:error': ({ request }: UndiciMessage) => {
      this.#fetches.get(request)?.pending?.answered(request)
    },
    'http.client.response.finish': ({ request }: HttpMessage) => {
      const text = httpText(request)
      mark(request.socket, text)
      this.#onAnswer(text)
    },
  })
}

// --- internal ---

interface Socket {
  readonly _handle?: object | null
}

export interface UndiciMessage {
  readonly request: FetchRequest
  readonly socket?: Socket
}

export interface HttpMessage {
  readonly request: HttpRequest & { readonly socket?: Socket }
}

function mark(socket: Socket | undefined, text: string): void {
  if (socket?._handle) expectAnswer(socket._handle, text)
}
