import { createTags } from './object-tags.js'

/**
 * The request whose answer comes in on a socket's handle, or a request of `fetch`, in people's
 * words; '' if none is known.
 */
export function answerOn(handle: object): string {
  return answers.get(handle)?.text ?? ''
}

/** Below 0: the same for each piece of one answer, and no other's; 0: none is known. */
export function answerNumberOn(handle: object): number {
  return answers.get(handle)?.number ?? 0
}

/** From now on, what comes in on the handle is the answer to this request. */
export function expectAnswer(handle: object, text: string): void {
  answers.set(handle, { text, number: --last })
}

// --- internal ---

const answers = createTags<{ readonly text: string; readonly number: number }>()
let last = 0
