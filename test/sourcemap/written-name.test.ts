/** What a text calls a function, and where V8 has only guessed. */
import { describe, expect, test } from 'vitest'
import { codeAround, isGuess, writtenAt } from '../../src/sourcemap/written-name.js'

/** `|` stands before the place in question. */
function written(text: string) {
  const lines = text.split('\n')
  const line = lines.findIndex((each) => each.includes('|')) + 1
  const column = lines[line - 1]!.indexOf('|') + 1
  lines[line - 1] = lines[line - 1]!.replace('|', '')
  return writtenAt((at) => lines[at - 1] ?? '', { line, column }).name
}

describe('a function is called by', () => {
  test.each([
    ['its own name', 'function |load(id) {', 'load'],
    ['its own name in an expression', 'const load = function |inner() {', 'inner'],
    ['the variable', 'const load = |async (id) => {', 'load'],
    [
      'the variable of a type',
      'const load: (id: number) => Promise<Shop> = async |(id) => {',
      'load',
    ],
    ['the parameter of a type', '  onEnd?: () => void = |() => {}', 'onEnd'],
    ['the variable below a URL', "// https://x\nimport 'node:fs'\nconst load = |() => {", 'load'],
    ['the variable on the line before', 'const load =\n  |(id) => {', 'load'],
    ['the variable, behind a comment', 'const load = /* fast */ // really\n  |(id) => {', 'load'],
    ['the property', 'shop.load = |() => {', 'shop.load'],
    ['the property of this', 'this.load = function |() {', 'load'],
    ['the method of a prototype', 'Shop.prototype.load = function |() {', 'Shop.load'],
    ['the last of several', 'shop.a = shop.b = |() => {', 'shop.b'],
    ['the property that it is set to if there is none', 'shop.load ??= |() => {', 'shop.load'],
    ['what it is one of two values of', 'const load = isFast ? |() => 1 : () => 2', 'load'],
    ['the same', 'const load = isFast ? other : |() => 2', 'load'],
    ['the key', '{ load: |() => {', 'load'],
    ['the key, quoted', "{ 'Content-Type': |() => {", 'Content-Type'],
    ['the key on the line before', '{\n  load:\n    |() => {', 'load'],
    ['the field', '  static load = |() => {', 'load'],
    ['the getter', '  get |size() {', 'get size'],
    ['the getter, by its first token', '  |get size() {', 'get size'],
    ['the getter, by its parameters', '  get size|() {', 'get size'],
    ['the computed key', '  async *|[Symbol.iterator]() {', '[Symbol.iterator]'],
    ['the computed key, by its parameters', '  [Symbol.iterator]|() {', '[Symbol.iterator]'],
    ['the computed key, by what maps have', "  ['by' + 'Name'|]() {", "['by' + 'Name']"],
    ['the key, computed for nothing', "  ['by name']|() {", 'by name'],
    [
      'the class, below words about it',
      'class Shop {\n  // a class of its own\n  |constructor() {',
      'Shop',
    ],
    ['the class', 'class Shop extends Base {\n  #key = 1\n  |constructor() {', 'Shop'],
    ['the class around it', 'class A {\n  b() {}\n}\nclass B {\n  |constructor() {', 'B'],
    ['what everybody says', 'export default |() => {', 'default'],
    ['the same', 'export default async function |() {', 'default'],
  ])('%s: %s', (_what, text, name) => expect(written(text)).toBe(name))
})

describe('a handler is called by its route', () => {
  test.each([
    ["app.get('/users/:id', |(req, res) => {", '(GET /users/:id)'],
    ["app.get('/users/:id', auth, check({ a: [1] }), async |(req, res) => {", '(GET /users/:id)'],
    [
      'router.post(\n  "/users",\n  { schema: { body: user } },\n  async function |(request) {',
      '(POST /users)',
    ],
    ["app.get<{ Params: { id: string } }>('/x', |(request) => {", '(GET /x)'],
    ["router.route('/cart').delete(|(req, res) => {", '(DELETE /cart)'],
    ["app.use('/files', |(req, res, next) => {", '(USE /files)'],
    ["app.all('*', |(req, res) => {", '(ALL *)'],
    ["app.get('/users/:id', function |show(req, res) {", 'show'],
    ['app.get(PATH, |(req, res) => {', ''],
    [`app.get(\`/\${a}\`, |(req, res) => {`, ''],
    ["cache.get('users', |() => {", ''],
    ["app.get('/x', wrap(|(req, res) => {", ''],
  ])('%s', (text, name) => expect(written(text)).toBe(name))
})

describe('a function has no name', () => {
  test.each([
    ['a promise executor', 'result.ok = await new Promise(|(resolve) => {'],
    ['one with types', 'const x = await new Promise<void>(|(resolve) => {'],
    ['what is handed over', 'const rows = all.map(|(row) => {'],
    ['what is handed over later', 'const rows = all.reduce((a, b) => a + b, |(row) => {'],
    ['what is handed to what comes of a call', '  load(1)\n    .catch(|(error) => {'],
    ['what is handed over behind a quote', "it('doesn\\'t', |() => {"],
    ['an element', 'const steps = [|() => {'],
    ['an element of a list that is walked', 'for (const step of [|async () => {'],
    ['a second element', 'const steps = [first(1, "["), |() => {'],
    ['what an arrow returns', 'const make = (n) => |() => {'],
    ['what a function returns', '  return async function |() {'],
  ])('%s: %s', (_what, text) => expect(written(text)).toBe(''))
})

test.each(['(|() => {', 'x = rows[i](a, f)|(b)', 'if (|a) {', '|'])(
  'nothing is said of %s',
  (text) => {
    expect(written(text)).toBeNull()
  },
)

describe('a name is a guess', () => {
  const code = "result.ok = await f('given', new Promise((resolve) => {"
  const around = codeAround((line) => (line === 1 ? code : ''), { line: 1, column: 40 })
  test.each(['result.ok', 'result', 'ok'])('%s', (name) => expect(isGuess(name, around)).toBe(true))
  test.each(['given', 'wrapped', 're'])('not: %s', (name) =>
    expect(isGuess(name, around)).toBe(false),
  )
})
