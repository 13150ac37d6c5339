import { createTags } from './object-tags.js'

/**
 * The request whose answer comes in on a socket's handle, or a request of `fetch`, in people's
 * words; '' if none is known.
 */
export function answerOn(handle: object): string {
  return answers.get(handle)?.text ?? ''
}

/** From now on, what comes in on the handle is the answer to this request. */
export function expectAnswer(handle: object, text: string): void {
  answers.set(handle, { text })
}

// --- internal ---

const answers = createTags<{ text: string }>()
