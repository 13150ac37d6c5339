import type { DataSource } from './data-source.js'
import { embeddedSource } from './embedded-source.js'
import { serverSource } from './server-source.js'

/** The page's own: what is in this very file, or what a server has. */
export const dataSource: DataSource = embeddedSource() ?? serverSource
