import 'reflect-metadata'
import { Readable } from 'node:stream'
import {
  Body,
  Controller,
  Get,
  Module,
  Param,
  Post,
  Put,
  Req,
  Sse,
  StreamableFile,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { from, map } from 'rxjs'
import { clockedWork, findItems, findUser, lines, sizeOf, sleep } from './shop.mjs'

class AppController {
  async hello() {
    await sleep(5)
    return 'hello'
  }
  user(id) {
    return findUser(id)
  }
  echo(body) {
    return body
  }
  async fail() {
    await sleep(5)
    throw new Error('as it should')
  }
  lines() {
    return new StreamableFile(Readable.from(lines(), { objectMode: false }), { type: 'text/plain' })
  }
  events() {
    return from(lines()).pipe(map((line) => ({ data: line.trim() })))
  }
  async slow() {
    await sleep(60_000, null, { ref: false })
    return 'late'
  }
  async upload(request) {
    return { size: await sizeOf(request.body?.on ? request.body : request) }
  }
  work(name) {
    return clockedWork(name)
  }
}

class ShopController {
  items(order) {
    return findItems(order)
  }
}

// As decorators do, which Node does not know.
function handle(controller, method, route, ...parameters) {
  const { prototype } = controller
  route(prototype, method, Object.getOwnPropertyDescriptor(prototype, method))
  for (const [i, parameter] of parameters.entries()) parameter(prototype, method, i)
}
handle(AppController, 'hello', Get('hello'))
handle(AppController, 'user', Get('users/:id'), Param('id'))
handle(AppController, 'echo', Post('echo'), Body())
handle(AppController, 'fail', Get('fail'))
handle(AppController, 'lines', Get('lines'))
handle(AppController, 'events', Sse('events'))
handle(AppController, 'slow', Get('slow/:id'))
handle(AppController, 'upload', Put('files/:name'), Req())
handle(AppController, 'work', Get('clocked/:name'), Param('name'))
handle(ShopController, 'items', Get('orders/:order/items'), Param('order'))
Controller()(AppController)
Controller('shop')(ShopController)

class AppModule {}
Module({ controllers: [AppController, ShopController] })(AppModule)

const isMounted = process.env.MOUNT === 'app'
if (process.env.ADAPTER === 'fastify') {
  const adapter = new FastifyAdapter()
  const app = await NestFactory.create(AppModule, adapter, { logger: false })
  if (isMounted) await app.register((await import('profview/fastify')).profiler)
  adapter
    .getInstance()
    .addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body))
  await app.listen(Number(process.env.PORT), '127.0.0.1')
} else {
  const app = await NestFactory.create(AppModule, { logger: false })
  if (isMounted) app.use((await import('profview')).profiler())
  await app.listen(Number(process.env.PORT), '127.0.0.1')
}
