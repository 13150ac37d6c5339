const TOKEN = /\{\{(#each|\/each|[\w.]+)\s*([\w.]*)\}\}/g

/** `{{user.name}}` and `{{#each lines}}…{{/each}}`, escaped for HTML. */
export function renderTemplate(template, data) {
  return renderNodes(parseTemplate(template), data)
}

function parseTemplate(template) {
  const root = []
  const open = [root]
  let end = 0
  for (const match of template.matchAll(TOKEN)) {
    const nodes = open.at(-1)
    nodes.push(template.slice(end, match.index))
    end = match.index + match[0].length
    if (match[1] === '#each') {
      const list = { each: match[2], body: [] }
      nodes.push(list)
      open.push(list.body)
    } else if (match[1] === '/each') open.pop()
    else nodes.push({ path: match[1] })
  }
  root.push(template.slice(end))
  return root
}

function renderNodes(nodes, data) {
  let html = ''
  for (const node of nodes) {
    if (typeof node === 'string') html += node
    else if (node.each) html += renderList(node, data)
    else html += escapeHtml(String(lookUp(data, node.path)))
  }
  return html
}

function renderList({ each, body }, data) {
  return lookUp(data, each)
    .map(function renderItem(item) {
      return renderNodes(body, { ...data, ...item })
    })
    .join('')
}

function lookUp(data, path) {
  return path.split('.').reduce((value, key) => value?.[key], data) ?? ''
}

function escapeHtml(text) {
  return text.replace(/[&<>"']/g, escapeSign)
}

function escapeSign(sign) {
  return `&#${sign.charCodeAt(0)};`
}
