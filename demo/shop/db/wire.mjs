const HEAD = 4

/** A message as its length and its JSON. */
export function frame(message) {
  const body = Buffer.from(JSON.stringify(message))
  const head = Buffer.alloc(HEAD)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** A listener for 'data' that calls `handle` with each whole message. */
export function splitFrames(handle) {
  let rest = Buffer.alloc(0)
  return function readFrames(chunk) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= HEAD) {
      const end = HEAD + rest.readUInt32BE(0)
      if (rest.length < end) return
      const body = rest.subarray(HEAD, end)
      rest = rest.subarray(end)
      handle(JSON.parse(body))
    }
  }
}
