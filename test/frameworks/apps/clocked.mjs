/** Before every app: clocks what its requests do, and tells that to whoever has started it. */
import { Bursts, cpuNow, delayNow, now } from '../../truth/clock.mjs'

const bursts = new Bursts()
globalThis.bursts = bursts

process.on('message', () => {
  process.send({ at: now(), cpu: cpuNow(), delay: delayNow(), bursts: bursts.all })
})
