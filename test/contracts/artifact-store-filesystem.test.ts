import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { artifactStoreContract } from './artifact-store.ts'

const fixture = fileURLToPath(new URL('artifact-store-process.fixture.ts', import.meta.url))

artifactStoreContract({
  name: 'file system',
  open: openFilesystemStore,
  async removeAndDie(place, { digests, calls }) {
    const child = spawn(process.execPath, [fixture, place, String(calls), ...digests], { stdio: 'inherit' })
    await once(child, 'exit')
  },
})
