// One group of rows, sent to whoever forked this; `app-<group>`: with the app behind a database.
const [, app, name] = /^(app-)?(.+)$/.exec(process.argv[2])
const group = await import(`../groups/${name}.mjs`)
const [measure] = Object.values(group)
for await (const row of measure(app ? 'app' : 'hello')) {
  process.send({ ...row, row: app ? `app: ${row.row}` : row.row })
}
process.exit()
