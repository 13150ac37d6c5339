/**
 * Waits for the answers of `fetch` and of Node's HTTP client, from the request to the last of the
 * answer. Node tells of them on its diagnostics channels.
 */
import { listenersOf } from './channels.js'
import type { HttpMessage, UndiciMessage } from './http-clients.js'
import { fetchText, httpText } from './http-names.js'
import { createTags } from './object-tags.js'
import type { Runner } from './runner.js'
import type { SocketWaits } from './socket-waits.js'
import type { NotedWait, WaitLog } from './wait-log.js'

export class ClientWaits {
  readonly #runner: Runner
  readonly #sockets: SocketWaits
  readonly #log: WaitLog
  readonly #waits = createTags<NotedWait>()
  /** On which connection a request of `fetch` was sent. */
  readonly #connections = createTags<object>()
  readonly #channels = listenersOf({
    'undici:request:create': ({ request }: UndiciMessage) =>
      this.#asked(request, fetchText(request)),
    'undici:client:sendHeaders': ({ request, socket }: UndiciMessage) => {
      if (socket && this.#waits.get(request)) this.#connections.set(request, socket)
    },
    'undici:request:headers': ({ request }: UndiciMessage) =>
      this.#answered(request, this.#connections.get(request)),
    'undici:request:error': ({ request }: UndiciMessage) => this.#answered(request, null),
    'http.client.request.start': ({ request }: HttpMessage) =>
      this.#asked(request, httpText(request)),
    'http.client.response.finish': ({ request }: HttpMessage) =>
      this.#answered(request, request.socket ?? null),
    'http.client.request.error': ({ request }: HttpMessage) => this.#answered(request, null),
  })

  constructor(runner: Runner, sockets: SocketWaits, log: WaitLog) {
    this.#runner = runner
    this.#sockets = sockets
    this.#log = log
  }

  enable(): void {
    this.#channels.enable()
  }

  disable(): void {
    this.#channels.disable()
  }

  // --- internal ---

  #asked(request: object, what: string): void {
    const { current } = this.#runner
    if (current?.context.notesWaits)
      this.#waits.set(request, this.#log.begin(current.context, what))
  }

  /** The rest of the answer comes in on the connection. */
  #answered(request: object, connection: object | null): void {
    const wait = this.#waits.get(request)
    if (wait === null) return
    this.#log.end(wait)
    if (connection !== null) this.#sockets.answers(connection as never, wait)
  }
}
