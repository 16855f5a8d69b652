// One connection's client, without the nine tenths of undici (fetch, caches, HTTP/2) that a router never uses:
// loading the whole package costs 10 MB of memory.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'
  export default Client
}
