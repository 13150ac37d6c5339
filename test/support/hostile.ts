import { ProfileBuilder, ROOT_STACK } from '../../src/profile/builder.js'
import { emptyLedger } from '../../src/profile/ledger.js'
import type { DumpMeta, Profile } from '../../src/profile/profile.js'
import { BARE_META } from './bare-meta.js'

/** Texts that have broken viewers before; each would leave a mark if it were anything but text. */
export const HOSTILE: readonly string[] = [
  '<script>window.hit=1</script>',
  '</script><script>window.hit=1</script>',
  '<img src=x onerror=window.hit=1>',
  '<svg onload=window.hit=1>',
  '<svg><animate onbegin=window.hit=1 attributeName=x dur=1s>',
  '"><script>window.hit=1</script>',
  `'><img src=x onerror=window.hit=1>`,
  '" onmouseover="window.hit=1" x="',
  `' onfocus='window.hit=1' autofocus='`,
  '<iframe srcdoc="<script>parent.hit=1</script>">',
  '<iframe src=javascript:parent.hit=1>',
  'javascript:window.hit=1',
  'data:text/html,<script>window.hit=1</script>',
  '<a href="javascript:window.hit=1">x</a>',
  '<style>*{display:none}</style>',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<base href=//evil.example/>',
  '<meta http-equiv=refresh content="0;url=//evil.example/">',
  '<form action=//evil.example/><button>',
  '<math><mtext><img src=x onerror=window.hit=1>',
  '<!--',
  '--><img src=x onerror=window.hit=1>',
  '<![CDATA[<script>window.hit=1</script>]]>',
  '{{constructor.constructor("window.hit=1")()}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the payload is the braces
  '${window.hit=1}',
  '&lt;script&gt;window.hit=1&lt;/script&gt;',
  '\u2028window.hit=1\u2029',
  '\u202egpj.exe\u0000\u001b[31m',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '%3Cscript%3Ewindow.hit=1%3C/script%3E',
]

/** Runs in the page: elements and attributes that our page does not make. */
export const FOREIGN = `(() => {
  const bad = 'script,style,link,meta,base,iframe,img,svg,math,object,embed,form'
  const found = [...document.querySelectorAll('#app :is(' + bad + ')')].map((each) => each.outerHTML)
  for (const element of document.querySelectorAll('#app *')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) found.push(name)
      if ((name === 'href' || name === 'src') && !/^(#|\\.\\/)/.test(value)) found.push(value)
    }
  }
  return found
})()`

/** A dump that says `name` wherever a dump can say anything. */
export function hostileProfile(index: number, name: string): Profile {
  const builder = new ProfileBuilder()
  const frame = builder.frame({ name, file: `/srv/${name}.js`, line: 1, column: 1 })
  const wait = builder.frame({ name: `[await] ${name}`, file: '', line: 0, column: 0 })
  const stack = builder.stack(ROOT_STACK, frame)
  builder.sample(stack, 1_000 + index, builder.labelSet([[name, name]]))
  builder.sample(builder.stack(stack, wait), 500)
  const meta: DumpMeta = {
    ...BARE_META,
    id: `id-${index}`,
    durationMicros: 1_500 + index,
    ledger: { ...emptyLedger(), cpu: 1_000 + index, await: 500 },
    request: { method: name, route: name, status: 200, aborted: false },
    process: { pid: index + 1, workerId: 0, threadId: 0, host: name, node: name },
    warnings: [{ code: 'hostile', text: name }],
    labels: Object.fromEntries([[name, name]]),
  }
  return builder.build({ name, timeline: true, sources: [meta] })
}
