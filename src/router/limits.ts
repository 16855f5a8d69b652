import { type Duration, seconds } from '../core/time.ts'

/** What the router waits for and how much it holds; tests use smaller numbers. */
export interface Limits {
  connect: Duration
  /** From the end of the request to the first byte of the response. */
  firstByte: Duration
  /** Longest silence while bytes are expected, in either direction. */
  idle: Duration
  /** Longest time a request is held for a dyno that boots, is quarantined or is busy. */
  hold: Duration
  /** How long a dyno that refused a connection, or did not answer one, gets no request. */
  quarantine: Duration
  /** How often deadlines are looked at: how late one may be noticed. */
  tick: Duration
  /** How long the rest of a request is read and thrown away after it was refused. */
  linger: Duration
  /** Dynos tried for one request. */
  attempts: number
  /** Requests in flight per dyno; as many again per dyno may wait. */
  inFlight: number
  requestLineBytes: number
  headerLineBytes: number
  headerNameBytes: number
  headers: number
  /** All headers of a request together. */
  requestHeadBytes: number
  responseHeadBytes: number
  cookieBytes: number
  statusLineBytes: number
}

export const LIMITS: Limits = {
  connect: seconds(5),
  firstByte: seconds(30),
  idle: seconds(55),
  hold: seconds(75),
  quarantine: seconds(5),
  tick: 100,
  linger: seconds(30),
  attempts: 10,
  inFlight: 50,
  requestLineBytes: 8192,
  headerLineBytes: 8192,
  headerNameBytes: 1000,
  headers: 1000,
  requestHeadBytes: 128 * 1024,
  responseHeadBytes: 512 * 1024,
  cookieBytes: 8192,
  statusLineBytes: 8192,
}
