export * from '../printable.js'
