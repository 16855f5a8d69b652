import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { boundedExtract } from '../../../archive/bounded-extract.ts'
import { ask, unlessAbsent } from '../../../docker/engine.ts'
import { pathIn } from './path-in.ts'

const PASSWD = '/etc/passwd'
/** Far more than any image has users. */
const MAX_BYTES = 1_000_000
/** No user id is longer; the engine takes what it cannot count for a name. */
const NUMBER = /^[+-]?\d{1,15}$/

/** Whether the user that an image names is root, by whichever name. `container` is one of that image, and need not run. */
export async function isRoot(user: string, container: Docker.Container): Promise<boolean> {
  const [name = ''] = user.split(':')
  if (name === '' || name === 'root') return true
  if (NUMBER.test(name)) return Number(name) === 0
  const passwd = await readPasswd(container)
  return passwd !== undefined && namesRoot(passwd, name)
}

/**
 * Whether a file like `/etc/passwd` gives a user the id 0. The engine takes the first line of that name, and 0 for an id
 * that is missing or no number; here any line counts, so that none is read otherwise than by the engine.
 */
export function namesRoot(passwd: string, name: string): boolean {
  return passwd.split('\n').some(line => {
    const [user, , uid = ''] = line.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '').split(':')
    return user === name && !(NUMBER.test(uid) && Number(uid) !== 0)
  })
}

/** What a container has as `/etc/passwd`; undefined when it has none. */
async function readPasswd(container: Docker.Container): Promise<string | undefined> {
  const path = await pathIn(container, PASSWD)
  if (path === undefined) return undefined
  const reading = container.getArchive({ path }) as Promise<Readable>
  // It may be a link that leads nowhere.
  const archive = await unlessAbsent(ask('read the users of an image', reading))
  if (archive === undefined) return undefined
  try {
    for await (const entry of archive.pipe(boundedExtract())) {
      if ((entry.header.size ?? 0) > MAX_BYTES)
        throw new Error(`The image's ${PASSWD} is larger than ${MAX_BYTES} bytes. Make it smaller.`)
      return (await buffer(entry)).toString()
    }
    return undefined
  } finally {
    archive.destroy()
  }
}
