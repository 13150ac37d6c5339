import { render } from 'preact'
import { App } from './app.js'
import './styles/tokens.css'
import './styles/page.css'
import './styles/controls.css'
import './styles/tables.css'
import './styles/summary.css'
import './styles/tree.css'
import './styles/functions.css'
import './styles/dialog.css'
import './styles/narrow.css'

render(<App />, document.getElementById('app')!)
