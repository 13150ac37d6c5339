/** What the kernel says of when a connection's last data came in. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LastDataSource, readSocketFacts } from '../../src/recorder/writer/last-data.js'
import { hrtimeMs } from '../../src/sampler/clock.js'

const HEAD = 'Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n'
const ports = { local: 3000, remote: 48960 }

function line(facts: string, here = '127.0.0.1:3000', there = '127.0.0.1:48960'): string {
  return `0      0          ${here}    ${there} cubic wscale:10,10 rto:200 mss:32768 ${facts} minrtt:0.02\n`
}

describe('readSocketFacts', () => {
  test('one connection', () => {
    const facts = 'bytes_received:78 segs_out:1 lastsnd:164 lastrcv:160 lastack:160'
    expect(readSocketFacts(HEAD + line(facts), ports)).toEqual({
      lastReceivedMs: 160,
      bytesReceived: 78,
    })
  })

  test('one of several that were asked about', () => {
    const other = line('bytes_received:1 lastrcv:8', '127.0.0.1:3000', '127.0.0.1:48961')
    const text = HEAD + other + line('bytes_received:2 lastrcv:4')
    expect(readSocketFacts(text, ports)).toEqual({ lastReceivedMs: 4, bytesReceived: 2 })
  })

  test('what is 0 is not printed', () => {
    expect(readSocketFacts(HEAD + line('bytes_received:78 segs_out:1'), ports)).toEqual({
      lastReceivedMs: 0,
      bytesReceived: 78,
    })
  })

  test.each([
    ['[::1]:3000', '[::1]:48960'],
    ['[::ffff:127.0.0.1]:3000', '[::ffff:127.0.0.1]:48960'],
    ['10.0.0.1%eth0:3000', '10.0.0.2:48960'],
  ])('%s', (here, there) => {
    const text = HEAD + line('bytes_received:1 lastrcv:4', here, there)
    expect(readSocketFacts(text, ports)?.lastReceivedMs).toBe(4)
  })

  test.each([
    ['nothing', ''],
    ['no connection', HEAD],
    ['no head, the rest of something longer', line('bytes_received:1 lastrcv:4')],
    ['two that have the same ports', HEAD + line('bytes_received:1') + line('bytes_received:1')],
    ['another connection', HEAD + line('bytes_received:1', '127.0.0.1:13000')],
    ['a line that is cut off', `${HEAD}${line('bytes_received:1 lastrcv:4')}`.slice(0, -20)],
    ['an old kernel', HEAD + line('rtt:1')],
    ['another program', 'Netid  State\nx y z'],
  ])('%s: not known', (_, text) => {
    expect(readSocketFacts(text, ports)).toBeNull()
  })
})

const hasSs = spawnSync('ss', ['-V']).status === 0

describe.skipIf(!hasSs)('a real connection (skipped where there is no `ss` of iproute2)', () => {
  async function connected(): Promise<{ client: Socket; server: Socket; source: LastDataSource }> {
    const listener = createServer()
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const accepted = new Promise<Socket>((resolve) => listener.once('connection', resolve))
    const client = connect((listener.address() as { port: number }).port, '127.0.0.1')
    const server = await accepted
    server.resume()
    const source = new LastDataSource()
    source.prepare()
    onTestFinished(() => {
      source.close()
      client.destroy()
      server.destroy()
      listener.close()
    })
    return { client, server, source }
  }

  const portsOf = (server: Socket) => ({ local: server.localPort!, remote: server.remotePort! })
  /** As soon as the kernel's time of then is more than nothing ago. */
  const lastData = (source: LastDataSource, server: Socket, bytes: number) =>
    vi.waitFor(async () => {
      const known = await source.ask(portsOf(server))
      expect(known?.bytes).toBe(bytes)
      return known!
    })

  test('its last data is known, and how much it was', async () => {
    const { client, server, source } = await connected()
    let bytes = 0
    for (const text of ['GET / HTTP/1.1\r\n\r\n', 'more']) {
      const before = hrtimeMs()
      client.write(text)
      await once(server, 'data')
      const after = hrtimeMs()
      bytes += text.length
      const known = await lastData(source, server, bytes)
      expect(known.earliest).toBeLessThan(after)
      expect(known.latest).toBeGreaterThan(before)
    }
    await vi.waitFor(() => expect(server.bytesRead).toBe(bytes))
  })

  test('of many who ask at once each gets the answer to its own question', async () => {
    const { client, server, source } = await connected()
    client.write('x')
    await lastData(source, server, 1)
    const strange = { local: 1, remote: 1 }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => source.ask(i % 2 === 0 ? portsOf(server) : strange)),
    )
    expect(answers.map((answer) => answer?.bytes ?? null)).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : null)),
    )
  })

  test('after it was closed nothing is known, also for who waits', async () => {
    const { server, source } = await connected()
    const waiting = source.ask(portsOf(server))
    source.close()
    expect(await waiting).toBeNull()
    expect(await source.ask(portsOf(server))).toBeNull()
  })
})
