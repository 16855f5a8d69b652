import type { RetentionPreview } from '../actions/preview-retention.ts'
import type { Addon } from '../core/addon.ts'
import type { AddonService, SsoLink, Visitor } from '../core/addon-service.ts'
import type { App, AppSettings } from '../core/app.ts'
import type { Artifact } from '../core/artifact.ts'
import type { AppBytes, Disk } from '../core/disk.ts'
import type { Check } from '../core/doctor.ts'
import type { RetentionPolicy } from '../core/retention.ts'
import type { Instant } from '../core/time.ts'
import type { Upload } from '../core/upload.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LogStore } from '../logs/store.ts'
import type { Transcripts } from '../logs/transcript.ts'
import type { Fault } from './errors.ts'
import type { RateLimitOptions } from './rate-limit.ts'

/** Where the platform can be reached; ports are known once everything listens. */
export interface Addresses {
  /** `http://localhost:5000` */
  api: string
  /** `https://localhost:5443` */
  apiTls: string
  /** Base of git remotes: `https://localhost:5443` */
  git: string
  /** Domain below which apps live, and the router's port: `http://<app>.localhost:8080`. */
  appsDomain: string
  routerPort: number
}

/** The services that add-ons can be had of, as the API needs them. */
export interface AddonCatalogue {
  services(): Promise<readonly AddonService[]>
  /** Where `visitor` goes to look at an add-on; null when its provider has no such place. */
  sso(addon: Addon, visitor: Visitor): Promise<SsoLink | null>
  /** Whether its provider can give an add-on of this service other credentials. */
  canRotate(service: string): Promise<boolean>
}

/** How long artifacts are kept, and what a sweep does about it. */
interface Retention {
  /** The platform's, for apps that have none of their own. */
  policy: RetentionPolicy
  preview(appId: string): Promise<RetentionPreview>
  /** How many bytes such a sweep would free. To tell, all that is stored is looked at. */
  reclaimable(preview: RetentionPreview): Promise<number>
  /** Answers what it did: which releases expired by it, how many artifacts it destroyed and bytes it freed. */
  sweep(appId: string): Promise<{ releases: readonly string[]; artifacts: number; bytes: number }>
  /** When the age of releases counts again; null while the clock is trusted. */
  ageCountsAgainAt(): Promise<Instant | null>
}

/** What is on disk. */
interface DiskView {
  disk(): Promise<Disk & { budget: number | null }>
  apps(apps: readonly App[]): Promise<AppBytes[]>
  /** Why nothing can be built now, in sentences; undefined while there is room. */
  refusal(): Promise<string | undefined>
}

/** What came of reading an artifact again. */
export interface Verification {
  /** What is wrong with its bytes, in sentences. */
  faults: readonly string[]
  /** Why what runs dynos cannot have its image, whose bytes are sound; null when it has. */
  runtimeFault: string | null
  /** What runs dynos had lost its image, and has it again. */
  isRepaired: boolean
}

/** What the API is given by the server. */
export interface ApiContext {
  ledger: Ledger
  clock: () => Instant
  /** A whole number from 0 to below its argument. */
  random: (below: number) => number
  addresses: () => Addresses
  logs: LogStore
  transcripts: Transcripts
  /** Names of the stacks that apps can have here, the usual one first. */
  stacks: readonly string[]
  /** Where uploaded source tarballs are kept, one file an id. */
  sourcesDirectory: string
  /** Signs capability URLs; 32 bytes. */
  capabilityKey: Uint8Array
  /** Empties an app's build cache. */
  purgeBuildCache: (appId: string) => Promise<void>
  /** The platform's settings, for apps that have none of their own. */
  settings: AppSettings
  /** Compares what runs for an app with what should. */
  examine: (appId: string) => Promise<Check[]>
  /** Stores a slug or an image that is sent, and takes it down as an artifact. Throws sentences for what cannot be taken. */
  receive: (upload: Upload, archive: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<Artifact>
  /** A tar of an OCI image layout that holds this image alone. */
  exportImage: (digest: string, signal: AbortSignal) => AsyncIterable<Uint8Array>
  /** Reads every byte of an artifact that is there, and has what runs dynos load its image again if need be. */
  verifyArtifact: (artifact: Artifact, signal: AbortSignal) => Promise<Verification>
  addons: AddonCatalogue
  /** How many commits of an app's repository came after this one; null when that cannot be said. */
  commitsAfter: (appId: string, commit: string) => Promise<number | null>
  retention: Retention
  disk: DiskView
  /** Bytes of an app's git repository; 0 when nothing was pushed. */
  repositorySize: (appId: string) => Promise<number>
  /** Requests for each account; 4500 and 75 more a minute unless said otherwise, null for no limit. */
  rateLimit?: RateLimitOptions | null
  /** Takes what went wrong inside; written to standard error unless said otherwise. */
  onFault?: (fault: Fault) => void
}
