/** A thread of the page that reads profiles, so that the page does not stand still meanwhile. */
import { printableReason } from '../../../src/printable.js'
import { packProfile } from './packed-profile.js'
import type { ReadAnswer, ReadRequest } from './read-aside.js'
import { readDump } from './read-dump.js'

addEventListener('message', ({ data }: MessageEvent<ReadRequest>) => {
  try {
    const { packed, transfer } = packProfile(readDump(data.bytes, data.name))
    const answer: ReadAnswer = { packed }
    postMessage(answer, { transfer })
  } catch (reason) {
    const answer: ReadAnswer = { error: printableReason(reason) }
    postMessage(answer)
  }
})

// What is awaited before any bytes are given away.
postMessage('ready')
