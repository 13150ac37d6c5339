/** One example for each command, at the end of its help, where its own text there has none. */
export const EXAMPLE_OF: ReadonlyMap<string, string> = new Map([
  ['open', 'profview open profiles'],
  ['list', "profview list --route 'GET /users/:id' --sort duration --limit 10"],
  ['show', "profview show profiles --route 'GET /users/:id'"],
  ['diff', 'profview diff before/ -- after/'],
  ['merge', 'profview merge profiles -o all.pb.gz'],
  ['convert', 'profview convert profile.cpuprofile -o profile.html'],
  ['run', 'profview run --dir profiles server.js --port 3000'],
  ['prune', 'profview prune profiles --age 7d --bytes 500MB'],
  ['completion', 'profview completion bash >> ~/.bashrc'],
])
