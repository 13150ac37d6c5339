import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { profiler } from 'profview'

const app = express()
app.use(profiler()) // first, so that it sees all of the request

app.get('/users/:id', async (request, response) => {
  const user = await loadUser(request.params.id)
  response.json({ user, sum: checksum(50) })
})

async function loadUser(id) {
  await wait(30) // as a database would take
  return { id }
}

/** Keeps the event loop busy for so many ms. */
function checksum(ms) {
  let sum = 0
  for (const end = performance.now() + ms; performance.now() < end; ) sum = (sum * 31 + 7) % 1e9
  return sum
}

const server = app.listen(process.env.PORT ?? 3000, () => {
  console.log(`http://localhost:${server.address().port}/users/7?profile=html`)
})
