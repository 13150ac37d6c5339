// An app that has started, with profview (`argv[2]`: its `arm`) or without it (`none`).
import express from 'express'

const arm = process.argv[2]
const app = express()
if (arm !== 'none') {
  const { profiler } = await import('profview')
  app.use(profiler({ arm }))
}
app.get('/', (_request, response) => response.send('hello'))
// What is put off until the app has started counts as well.
app.listen(0, '127.0.0.1', () => setTimeout(() => process.exit(), 300))
