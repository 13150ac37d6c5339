// An Express app traced by OpenTelemetry, as its instrumentations do: `<order> <dir>`, where the
// order is which of profview, or its register, and the tracer is loaded first. Prints its spans and
// its ids.
const [order, dir] = process.argv.slice(2)
const isRegistered = order.includes('register')
process.env.PROFVIEW_DIR = dir
let profview
const loadProfview = () => {
  profview = require(`../../dist/bundle/${isRegistered ? 'register' : 'index'}.js`)
}
const isLast = order.startsWith('OpenTelemetry')
if (!isLast) loadProfview()
const sdk = require('@opentelemetry/sdk-trace-node')
const { registerInstrumentations } = require('@opentelemetry/instrumentation')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')
const exporter = new sdk.InMemorySpanExporter()
const spanProcessors = [new sdk.SimpleSpanProcessor(exporter)]
new sdk.NodeTracerProvider({ spanProcessors }).register()
registerInstrumentations({
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()],
})
if (isLast) loadProfview()
const express = require('express')
const { readdirSync } = require('node:fs')
const { get } = require('node:http')
const { setTimeout: sleep } = require('node:timers/promises')
const { trace } = require('@opentelemetry/api')

const app = express()
if (!isRegistered) app.use(profview.profiler())
app.get('/users/:id', async (_request, response) => {
  await trace.getTracer('app').startActiveSpan('of the app', async (span) => {
    await sleep(5)
    response.json({})
    span.end()
  })
})
const server = app.listen(0, '127.0.0.1', async () => {
  const ids = await Promise.all([ask({ 'x-profile': '1' }), ask({ 'x-profile': '1' }), ask({})])
  while (dumpsThere() < 2) await sleep(10)
  server.close()
  const spans = exporter.getFinishedSpans().map((span) => {
    const { spanId, traceId } = span.spanContext()
    return { kind: span.kind, spanId, traceId, profile: span.attributes['profview.profile_id'] }
  })
  console.log(JSON.stringify({ spans, ids }))
})

function dumpsThere() {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.cpuprofile')).length
  } catch {
    return 0
  }
}

function ask(headers) {
  const { port } = server.address()
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/users/7', headers }, (response) => {
      response.resume().on('end', () => resolve(response.headers['x-profile-id']))
    }).on('error', reject)
  })
}
