/** The bytes of an answer; tells which share of them has arrived, for as long as they come. */
export async function bytesOf(response: Response, onProgress: (share: number) => void) {
  const expected = Number(response.headers.get('Content-Length'))
  // Without a length, or where it is that of something compressed, there is no share to tell.
  if (!response.body || !(expected > 0)) return new Uint8Array(await response.arrayBuffer())
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for (let next = response.body.getReader(), read = await next.read(); !read.done; ) {
    chunks.push(read.value)
    length += read.value.length
    onProgress(Math.min(1, length / expected))
    read = await next.read()
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** Resolves after the next frame; at once where nobody looks, since hidden pages have no frames. */
export function painted(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
  })
}
