import { allCellsOf } from './all-cells.js'
import { FRAMEWORKS } from './table.mjs'

allCellsOf(FRAMEWORKS)
