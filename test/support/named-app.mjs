// The functions of one program, as people write them; each has a line of its own.
const work = () => {
  let sum = 0
  const { samplesTaken } = globalThis
  // Until it has been seen: on a busy machine that may take long.
  for (const enough = samplesTaken() + 12; samplesTaken() < enough; ) {
    for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i)
  }
  globalThis.sum = sum
}
const tick = () =>
  new Promise((resolve) => {
    work()
    setTimeout(resolve, 1)
  })
const memo = (fn) => fn
const named = (name, fn) => Object.defineProperty(fn, 'name', { value: name })
const handlers = []
const app = { get: (_path, ...fns) => handlers.push(...fns), use: (_path, fn) => handlers.push(fn) }
const other = null

class Store {
  #key = 'id'
  constructor() {
    work()
  }
  find = async (id) => {
    await tick()
    work()
    return id
  }
  static of = () => {
    work()
    return new Store()
  }
  get size() {
    work()
    return 1
  }
  #hidden() {
    work()
    return this.#key
  }
  open() {
    work()
    return this.#hidden()
  }
  ['by' + 'Name']() {
    work()
  }
  async *all() {
    await tick()
    work()
    yield 1
  }
}
const shop = {
  method() {
    work()
  },
  arrow: () => {
    work()
  },
  nested: {
    leaf: () => {
      work()
    },
  },
  'two words'() {
    work()
  },
}
shop.load = () => {
  work()
}
shop.copy = shop.save = async () => {
  await tick()
  work()
}
const bound = function () {
  return [this, work()]
}.bind(shop)
const generated = (deep) => () => {
  work()
  return deep
}
const chosen = other
  ? other
  : () => {
      work()
    }
const set = named('given', async () => {
  await tick()
  work()
})
const kept = memo(() => {
  work()
})
app.get('/users/:id', async (_req) => {
  await tick()
  work()
})
app.get(
  '/report',
  memo(() => {
    work()
  }),
  (_req) => {
    work()
  },
)
app.use('/files', () => {
  work()
})

export default async () => {
  const result = {}
  result.ok = await new Promise((resolve) => {
    work()
    resolve(1)
  })
  let total = 0
  total += await new Promise((resolve) => {
    work()
    resolve(1)
  })
  const store = Store.of()
  await store.find(1)
  store.open(store.size)
  store.byName()
  for await (const _ of store.all()) work()
  shop.method()
  shop.arrow()
  shop.nested.leaf()
  shop['two words']()
  shop.load()
  await shop.save()
  bound()
  generated(1)()
  chosen()
  await set()
  kept()
  const all = await Promise.all(
    [1].map(async (n) => {
      await tick()
      work()
      return n
    }),
  )
  for (const handler of handlers) await handler(all, total)
}
