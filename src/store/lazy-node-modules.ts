/**
 * Modules of Node that are loaded when they are needed: at a command's start they would be a tenth
 * of it.
 */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/** Of each dump it is needed twice, and to load what is loaded takes 3 µs. */
export const crypto = (): typeof import('node:crypto') => (loaded ??= load('node:crypto'))
let loaded: typeof import('node:crypto') | null = null
export const workerThreads = (): typeof import('node:worker_threads') => load('node:worker_threads')
export const zlib = (): typeof import('node:zlib') => load('node:zlib')
