/** What every reader owes any bytes: a profile of all their time, or one line that says why not. */

/**
 * Null, or what is wrong with how these bytes are read. `house`: the functions of profview.
 */
export function judge({ name, bytes }, house) {
  const whole = attempt(() => house.read(bytes, name))
  if (whole.fault !== null) return whole.fault
  const pieces = attempt(() => house.readInPieces(bytes, name))
  if (pieces.fault !== null) return `in pieces: ${pieces.fault}`
  if (pieces.value !== null && whole.value === null) return 'read in pieces, but not as a whole'
  if (whole.value === null) return null
  const { totalWeight, write, merge } = house
  const total = totalWeight(whole.value)
  if (pieces.value && totalWeight(pieces.value) !== total) return 'another total in pieces'
  const said = saidBy(bytes, name)
  if (said !== null && Math.abs(said - total) > 1) return `${said} in the file, ${total} read`
  const again = attempt(() => totalWeight(house.read(write(whole.value), 'x.cpuprofile')))
  if (again.value === null) return `not read again: ${again.fault ?? again.reason}`
  if (again.value !== total) return `${total} read, ${again.value} written and read again`
  if (Number.isSafeInteger(4 * total)) {
    const other = { ...whole.value, sources: [] }
    const merged = totalWeight(merge([other, other]))
    if (merged !== 2 * total) return `${merged} of twice ${total} merged`
  }
  return null
}

/** The house of these functions of the source, as a file is read: within a budget, unpacked. */
export function houseOf(source) {
  const { decodeProfile, decodeSource, isGzip, inflate, encodeProfile, mergeProfiles } = source
  const { Budget, memoryFor, withBudget, totalWeight } = source
  const unpacked = (bytes) => (isGzip(bytes) ? inflate(bytes) : bytes)
  const within = (bytes, work) => {
    return withBudget(new Budget(memoryFor(bytes.length), bytes.length), () =>
      work(unpacked(bytes)),
    )
  }
  return {
    read: (bytes, name) => within(bytes, (all) => decodeProfile(all, name)),
    readInPieces: (bytes, name) =>
      within(bytes, (all) => (all.length === 0 ? null : decodeSource(piecesOf(all), name))),
    write: (profile) => encodeProfile(profile, 'cpuprofile'),
    merge: mergeProfiles,
    totalWeight,
  }
}

// --- internal ---

/** Read in small windows, so that everything lies across the end of one. */
function piecesOf(bytes) {
  const read = (into, position) => {
    const part = bytes.subarray(position, position + into.length)
    into.set(part)
    return part.length
  }
  return { size: bytes.length, read, window: 256 }
}

const OBEYED = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

/** `fault`: of ours; `reason`: why the bytes were refused. */
function attempt(work) {
  try {
    return { value: work(), fault: null, reason: '' }
  } catch (error) {
    const { name, message, code } = error
    const isOurs = name === 'ProfviewError' && typeof code === 'string' && message !== ''
    if (!isOurs)
      return { value: null, fault: `foreign exception: ${error?.stack ?? error}`, reason: '' }
    const fault = OBEYED.test(message) ? `not one harmless line: ${JSON.stringify(message)}` : null
    return { value: null, fault, reason: message }
  }
}

/** The time in a file, worked out in another way than by a reader; null where it is not plain. */
function saidBy(bytes, name) {
  if (/collapsed/.test(name)) return saidByLines(bytes)
  try {
    const file = JSON.parse(new TextDecoder().decode(bytes))
    return Array.isArray(file.profiles) ? saidBySpeedscope(file) : saidByCpuprofile(file)
  } catch {
    return null
  }
}

function saidByLines(bytes) {
  const text = new TextDecoder().decode(bytes)
  if (text.includes('\0')) return null
  const counts = []
  for (const line of text.split('\n')) {
    const [, count] = (!line.startsWith('#') && / (\d+(?:\.\d+)?)\s*$/.exec(line)) || []
    if (count !== undefined) counts.push(count)
  }
  // Weights are whole: in tenths, hundredths and so on where counts are not.
  const digits = counts.map((count) => count.split('.')[1]?.replace(/0+$/, '').length ?? 0)
  // With more, they are rounded one by one.
  if (digits.some((each) => each > 6)) return null
  const parts = 10 ** digits.reduce((most, each) => Math.max(most, each), 0)
  return counts.reduce((sum, count) => sum + Math.round(Number(count) * parts), 0)
}

function saidByCpuprofile({ nodes, samples, timeDeltas, startTime, endTime, timestamps, head }) {
  const isPlain = [nodes, samples, timeDeltas].every(Array.isArray) && samples.length > 0
  if (!isPlain || timestamps !== undefined || head !== undefined) return null
  const start = Math.round(startTime ?? 0)
  const count = Math.min(samples.length, timeDeltas.length)
  let clock = start
  let latest = start
  for (const delta of timeDeltas.slice(0, count)) {
    clock += delta
    latest = Math.max(latest, Math.round(clock))
  }
  return Math.max(latest, Math.round(endTime ?? start)) - start
}

const FACTORS = {
  none: 1,
  bytes: 1,
  nanoseconds: 1e-3,
  microseconds: 1,
  milliseconds: 1e3,
  seconds: 1e6,
}

function saidBySpeedscope({ profiles }) {
  const [only, ...others] = profiles
  if (only?.type !== 'sampled' || others.length > 0) return null
  return Math.round(only.weights.reduce((sum, weight) => sum + weight, 0) * FACTORS[only.unit])
}
