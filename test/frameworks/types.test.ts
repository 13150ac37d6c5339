/** How each framework is given the profiler compiles against the framework's own types. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../support/app.js'

const HERE = import.meta.dirname

const express = (name: string) => `
  import express, { type Request } from '${name}'
  import { profiler, type ProfilerOptions } from 'profview'
  const options: ProfilerOptions<Request> = {
    authorize: (request) => request.get('x-team') === 'performance',
    labels: ({ method, path }) => ({ method, path }),
  }
  const router = express.Router()
  express().use(profiler()).use(router.use(profiler(options)))
  // @ts-expect-error: there is no such option
  profiler({ armed: true })`

const fastify = (name: string) => `
  import fastify from '${name}'
  import { profiler, type ProfilerOptions } from 'profview/fastify'
  const options: ProfilerOptions = { authorize: ({ headers }) => headers['x-team'] === 'performance' }
  const app = fastify({ logger: true })
  app.register(profiler)
  await app.register(profiler, options)
  fastify({ http2: true }).register(profiler, { slow: 500 })
  // @ts-expect-error: there is no such option
  app.register(profiler, { armed: true })`

const CONSUMERS = {
  express5: express('express'),
  express4: express('express4'),
  fastify5: fastify('fastify'),
  fastify4: fastify('fastify4'),
  koa: `
    import Koa, { type DefaultState, type DefaultContext } from 'koa'
    import { profiler } from 'profview/koa'
    interface State extends DefaultState { user: string }
    new Koa().use(profiler())
    new Koa<State, DefaultContext>().use(profiler({ labels: ({ url = '' }) => ({ url }) }))
    // @ts-expect-error: there is no such option
    profiler({ armed: true })`,
  hono: `
    import { type HttpBindings, serve } from '@hono/node-server'
    import { Hono } from 'hono'
    import { profiler } from 'profview/hono'
    const app = new Hono()
    app.use(profiler())
    const bound = new Hono<{ Bindings: HttpBindings; Variables: { user: string } }>()
    bound.use('/users/*', profiler({ slow: 500 }))
    app.route('/', bound)
    serve(app)
    // @ts-expect-error: there is no such option
    profiler({ armed: true })`,
  nest: `
    import { type INestApplication, Module } from '@nestjs/common'
    import { NestFactory } from '@nestjs/core'
    import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
    import { profiler } from 'profview'
    import { profiler as plugin } from 'profview/fastify'
    @Module({})
    class AppModule {}
    const app: INestApplication = await NestFactory.create(AppModule)
    app.use(profiler())
    const adapter = new FastifyAdapter()
    const other = await NestFactory.create<NestFastifyApplication>(AppModule, adapter)
    await other.register(plugin)
    await other.register(plugin, { slow: 500 })`,
  servers: `
    import { createServer } from 'node:http'
    import { createServer as createHttp2Server } from 'node:http2'
    import { profiler } from 'profview'
    import 'profview/register'
    const middleware = profiler({ route: ({ url = '' }) => url.split('/')[1] ?? '' })
    createServer((request, response) => middleware(request, response, () => response.end()))
    createHttp2Server((request, response) => middleware(request, response, () => response.end()))`,
}

test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
])('in module %s, resolved as in %s', (module, moduleResolution) => {
  const dir = mkdtempSync(join(HERE, '.types-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'src'))
  const files = Object.entries(CONSUMERS).map(([name, text]) => {
    const file = join(dir, 'src', `${name}.ts`)
    // Every one a module of its own.
    writeFileSync(file, `${text}\nexport {}\n`)
    return file
  })
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    esModuleInterop: true,
    experimentalDecorators: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    typeRoots: [join(HERE, 'node_modules/@types')],
    types: ['node'],
  }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc], { cwd: dir, encoding: 'utf8' })
  expect(stdout).toBe('')
})
