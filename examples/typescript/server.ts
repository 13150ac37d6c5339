import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { type ProfilerOptions, profiler } from 'profview'

interface User {
  readonly id: string
}

const options: ProfilerOptions = {
  labels: () => ({ version: process.env.VERSION ?? 'dev' }),
}

const app = express()
app.use(profiler(options))

app.get('/users/:id', async (request, response) => {
  response.json(await loadUser(request.params.id))
})

async function loadUser(id: string): Promise<User> {
  await wait(30)
  return { id }
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const { port } = server.address() as AddressInfo
  console.log(`http://localhost:${port}/users/7?profile=html`)
})
