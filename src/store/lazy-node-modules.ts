/**
 * Modules of Node that are loaded when they are needed: at a command's start they would be a tenth
 * of it.
 */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

export const crypto = (): typeof import('node:crypto') => load('node:crypto')
export const workerThreads = (): typeof import('node:worker_threads') => load('node:worker_threads')
export const zlib = (): typeof import('node:zlib') => load('node:zlib')
