/**
 * What to do about a directory that takes no dumps, by the system's code for why. `uid`: the
 * account of this process, where the system has such.
 */
export function diskAdvice(code: string, uid = process.geteuid?.()): string {
  return (ADVICE.get(code) ?? "look into the system's log, or ELSEWHERE")
    .replace('ACCOUNT', uid === undefined ? 'the account of this process' : `uid ${uid}`)
    .replace('ELSEWHERE', 'set `dir` (PROFVIEW_DIR) to another directory')
}

// --- internal ---

const FORBIDDEN = 'let ACCOUNT, which this process runs as, write there, or ELSEWHERE'
const IN_THE_WAY = 'remove what is in its place, or ELSEWHERE'

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'free some space, or ELSEWHERE'],
  ['EDQUOT', 'free some space, raise the quota, or ELSEWHERE'],
  ['EFBIG', "raise the limit of a file's size (`ulimit -f`, LimitFSIZE=)"],
  ['EROFS', 'mount a writable volume there, as a read-only container needs, or ELSEWHERE'],
  ['EACCES', FORBIDDEN],
  ['EPERM', FORBIDDEN],
  ['ERR_ACCESS_DENIED', 'start Node with --allow-fs-read and --allow-fs-write for it'],
  ['EMFILE', 'raise the limit of open files (`ulimit -n`, LimitNOFILE=), or open fewer'],
  ['ENFILE', 'raise the limit of the machine (`sysctl fs.file-max`)'],
  ['ENOTDIR', IN_THE_WAY],
  ['EEXIST', IN_THE_WAY],
  ['EISDIR', IN_THE_WAY],
  ['ENOENT', 'make it, or ELSEWHERE'],
  ['ELOOP', 'ELSEWHERE'],
  ['ENAMETOOLONG', 'ELSEWHERE'],
  ['EIO', "look into the system's log (`dmesg`), or ELSEWHERE"],
  ['ESTALE', 'mount it again, or ELSEWHERE'],
])
