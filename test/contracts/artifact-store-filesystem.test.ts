import { openFilesystemStore } from '../../src/artifacts/stores/filesystem.ts'
import { artifactStoreContract } from './artifact-store.ts'

artifactStoreContract({ name: 'file system', open: openFilesystemStore })
