// One path, many operations, each of which is named as the README says; by `KIND`.
import { createServer } from 'node:http'
import { annotate } from 'profview'
import { clockedWork, findUser } from './shop.mjs'

const middleware = process.env.MOUNT === 'app' ? (await import('profview')).profiler() : null
const port = Number(process.env.PORT)

const typeDefs =
  'type Query { user(id: Int): User, clocked(name: String): User } type User { name: String }'
const resolvers = {
  Query: { user: (_, { id }) => findUser(id), clocked: (_, { name }) => clockedWork(name) },
}
/** As of graphql-js, without a library for schemas. */
const rootValue = { user: ({ id }) => findUser(id), clocked: ({ name }) => clockedWork(name) }

const SERVERS = {
  async apollo() {
    const { ApolloServer } = await import('@apollo/server')
    const { startStandaloneServer } = await import('@apollo/server/standalone')
    const named = {
      requestDidStart: async () => ({
        didResolveOperation: async ({ operation: { operation }, operationName }) =>
          annotate({ route: `${operation} ${operationName}` }),
      }),
    }
    const server = new ApolloServer({ typeDefs, resolvers, plugins: [named] })
    await startStandaloneServer(server, { listen: { port, host: '127.0.0.1' } })
  },

  async yoga() {
    const { createSchema, createYoga } = await import('graphql-yoga')
    const { getOperationAST } = await import('graphql')
    const named = {
      onExecute({ args }) {
        const op = getOperationAST(args.document, args.operationName)
        annotate({ route: `${op.operation} ${op.name?.value}` })
      },
    }
    listen(createYoga({ schema: createSchema({ typeDefs, resolvers }), plugins: [named] }))
  },

  async 'graphql-http'() {
    const { createHandler } = await import('graphql-http/lib/use/http')
    const { buildSchema, getOperationAST } = await import('graphql')
    const onOperation = (_request, args) => {
      const op = getOperationAST(args.document, args.operationName)
      annotate({ route: `${op.operation} ${op.name?.value}` })
    }
    listen(createHandler({ schema: buildSchema(typeDefs), rootValue, onOperation }))
  },

  async trpc() {
    const { initTRPC } = await import('@trpc/server')
    const { createHTTPHandler } = await import('@trpc/server/adapters/standalone')
    const { router, procedure } = initTRPC.create()
    const named = procedure.use(({ path, type, next }) => {
      annotate({ route: `${type} ${path}` })
      return next()
    })
    const input = (value) => value
    const query = named.input(input)
    const clocked = query.query(({ input }) => clockedWork(input))
    const [clockA, clockB, clockC, clockD] = [clocked, clocked, clocked, clocked]
    const user = query.query(({ input }) => findUser(input))
    const users = router({ get: user, rename: query.mutation(({ input }) => findUser(input)) })
    const routes = router({ users, clockA, clockB, clockC, clockD })
    listen(createHTTPHandler({ router: routes }))
  },
}

function listen(handle) {
  const mounted = (request, response) =>
    middleware(request, response, () => void handle(request, response))
  createServer(middleware === null ? handle : mounted).listen(port, '127.0.0.1')
}

await SERVERS[process.env.KIND]()
