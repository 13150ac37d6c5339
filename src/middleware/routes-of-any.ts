/** The route of a request, whichever framework serves it. */
import type { RouteOf } from '../recorder/request.js'
import { routeOf } from './express-route.js'
import { routeOfFastify } from './routes-of-fastify.js'
import { routeOfKoa } from './routes-of-koa.js'
import { routeOfNext } from './routes-of-next.js'

export const routeOfAny: RouteOf = (request) =>
  routeOfFastify(request) || routeOfKoa(request) || routeOfNext(request) || routeOf(request)
