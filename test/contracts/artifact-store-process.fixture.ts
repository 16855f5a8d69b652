import { stat } from 'node:fs/promises'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'

/** A process of its own that removes images from a store and kills itself so many calls of the file system later. */

const [directory = '', calls = '0', ...digests] = process.argv.slice(2)
const store = await openFilesystemStore(directory)
const removed = store.removeAll(digests, new AbortController().signal)
for (let call = 0; call < Number(calls); call++) await stat(directory)
process.kill(process.pid, 'SIGKILL')
await removed
