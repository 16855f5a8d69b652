import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface FoundProcess {
  pid: number
  session: number
  /** Its arguments, joined by spaces. */
  command: string
  /** Whether it sees a file system of its own made of the platform's directories, as dynos and builds do. */
  isConfined: boolean
}

/** Processes of a platform, zombies aside: those that name its data directory, are in it, or see some of it. */
export function processesOf(dataDir: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(name => {
      const stat = read(() => readFileSync(`/proc/${name}/stat`, 'utf8'))
      const [state, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const command = read(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' ')
      const place = read(() => readlinkSync(`/proc/${name}/cwd`))
      const isConfined = read(() => readFileSync(`/proc/${name}/mountinfo`, 'utf8')).includes(dataDir)
      const isOurs = isConfined || command.includes(dataDir) || place.includes(dataDir)
      if (!isOurs || state === 'Z' || state === 'X') return []
      return [{ pid: Number(name), session: Number(session), command: command.trim(), isConfined }]
    })
}

/** A process may end while it is looked at. */
function read(look: () => string): string {
  try {
    return look()
  } catch {
    return ''
  }
}
