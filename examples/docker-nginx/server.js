import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { profiler } from 'profview'

// Behind a proxy everybody looks alike, so a trigger has to be signed ($PROFVIEW_SECRET), and nginx
// says when it was sent, so that time in the queue is known, too.
const middleware = profiler({
  routes: ['/users/:id'],
  requestStart: 'x-request-start',
})

const server = createServer((request, response) =>
  middleware(request, response, async () => {
    await wait(30)
    response.end('hello\n')
  }),
)
server.listen(process.env.PORT ?? 3000, () => {
  console.log(`listening on ${server.address().port}`)
})
process.on('SIGTERM', () => process.exit())
