/** Methods that are patched for a while, among others who patch them too. */
import { expect, test } from 'vitest'
import { type Method, MethodPatch } from '../../src/sampler/async/method-patch.js'

/** A class that inherits `write`, as sockets do; what was written, and what of it was seen. */
function scene() {
  const written: string[] = []
  const seen: unknown[] = []
  class Writable {
    write(chunk: string, encoding = ''): string {
      written.push(chunk + encoding)
      if (chunk === 'bad') throw new TypeError('no good')
      return `wrote ${chunk}`
    }
  }
  class Socket extends Writable {}
  const patch = new MethodPatch(
    Socket.prototype,
    'write',
    (original, patch) =>
      function ours(...args) {
        if (patch.active) seen.push(args[0])
        return Reflect.apply(original, this, args)
      },
  )
  /** Somebody else lays theirs over what is there. */
  const overlay = (mark: string) => {
    const before = Socket.prototype.write
    Socket.prototype.write = function write(chunk, encoding) {
      return before.call(this, mark + chunk, encoding)
    }
    return () => {
      Socket.prototype.write = before
    }
  }
  const { prototype } = Socket
  return { patch, seen, written, socket: new Socket(), prototype, overlay, Writable }
}

test('what the method gets, returns and throws stays the same, and its name and length', () => {
  const { patch, seen, socket } = scene()
  const before = [socket.write.name, socket.write.length]
  patch.install()
  expect(socket.write('a', 'hex')).toBe('wrote a')
  expect(() => socket.write('bad')).toThrow(new TypeError('no good'))
  expect(seen).toEqual(['a', 'bad'])
  expect([socket.write.name, socket.write.length]).toEqual(before)
})

test('it leaves nothing behind', () => {
  const { patch, seen, socket, prototype } = scene()
  patch.install()
  patch.install()
  patch.remove()
  socket.write('a')
  expect(seen).toEqual([])
  expect(Object.getOwnPropertyNames(prototype)).toEqual(['constructor'])
})

test('at rest it does nothing, and is the same when it is needed again', () => {
  const { patch, seen, socket } = scene()
  patch.install()
  const ours = socket.write
  patch.rest()
  socket.write('a')
  expect([seen, socket.write]).toEqual([[], ours])
  patch.install()
  socket.write('b')
  expect([seen, socket.write]).toEqual([['b'], ours])
})

test('somebody’s from before is called, and there again afterwards', () => {
  const { patch, seen, written, socket, prototype, overlay } = scene()
  overlay('x')
  const theirs = prototype.write
  patch.install()
  socket.write('a')
  patch.remove()
  expect(prototype.write).toBe(theirs)
  expect([seen, written]).toEqual([['a'], ['xa']])
})

test('below somebody’s from after it stays, and does nothing until it is needed again', () => {
  const { patch, seen, written, socket, overlay } = scene()
  patch.install()
  overlay('x')
  patch.remove()
  socket.write('a')
  expect(seen).toEqual([])
  patch.install()
  socket.write('b')
  expect(seen).toEqual(['xb'])
  expect(written).toEqual(['xa', 'xb'])
})

test('when theirs goes, ours does, too', () => {
  const { patch, seen, socket, prototype, overlay } = scene()
  patch.install()
  const undo = overlay('x')
  patch.remove()
  undo()
  patch.install()
  socket.write('a')
  expect(seen).toEqual(['a'])
  patch.remove()
  expect(Object.getOwnPropertyNames(prototype)).toEqual(['constructor'])
})

test('what was inherited may be patched later where it is inherited from', () => {
  const { patch, written, socket, Writable } = scene()
  patch.install()
  const { write } = Writable.prototype
  Writable.prototype.write = function (chunk, encoding) {
    return write.call(this, `x${chunk}`, encoding)
  }
  socket.write('a')
  expect(written).toEqual(['xa'])
})

test('a frozen prototype stays as it is', () => {
  const { patch, seen, socket, prototype } = scene()
  Object.freeze(prototype)
  patch.install()
  socket.write('a')
  patch.remove()
  expect(seen).toEqual([])
})

test('it is installed anew where somebody has put the original back', () => {
  const { patch, seen, socket, prototype } = scene()
  patch.install()
  Reflect.deleteProperty(prototype, 'write')
  patch.install()
  socket.write('a')
  expect(seen).toEqual(['a'])
})

test('what is no method is left alone', () => {
  const target = {}
  const patch = new MethodPatch(target, 'write', (original): Method => original)
  patch.install()
  patch.remove()
  expect(Object.getOwnPropertyNames(target)).toEqual([])
})
