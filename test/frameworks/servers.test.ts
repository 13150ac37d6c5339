import { allCellsOf } from './all-cells.js'
import { SERVERS } from './table.mjs'

allCellsOf(SERVERS)
