import type { Readable } from 'node:stream'
import type { Duration } from '../../../core/time.ts'
import { LineSplitter } from './line-splitter.ts'
import type { Outbox } from './outbox.ts'

/** How long a dyno that floods waits for a control plane that takes no line, before it is read on and lines are dropped. */
const PATIENCE: Duration = 1000
/** The pause after each chunk of a flood nobody takes: bounds the work it makes without blocking the dyno. */
const BREATH: Duration = 2
/** As much as one read of a pipe brings. What comes in smaller pieces is not paused for after each. */
const CHUNK_BYTES = 64 * 1024

/** Hands every line `stream` brings to `emit`, more slowly while the app's lines pile up in `outbox`. */
export function readOutput(
  stream: Readable,
  target: { appId: string; outbox: Outbox },
  emit: (text: string) => void,
): void {
  const splitter = new LineSplitter()
  stream.on('data', (chunk: Buffer) => {
    for (const text of splitter.push(chunk)) emit(text)
  })
  pace(stream, target)
  stream.on('close', () => {
    for (const text of splitter.end()) emit(text)
  })
}

/** Lets `stream` flow more slowly while the app's lines pile up in `outbox`. To be called after lines are listened for. */
export function pace(stream: Readable, { appId, outbox }: { appId: string; outbox: Outbox }): void {
  let isPaused = false
  let isPatient = true
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (!isPaused && bytes >= CHUNK_BYTES && outbox.isCrowded(appId)) pause()
  })

  function pause(): void {
    isPaused = true
    bytes = 0
    stream.pause()
    const wait = isPatient && outbox.hasSubscriber ? PATIENCE : BREATH
    let acknowledged = outbox.acknowledged
    const timer = setInterval(() => {
      if (wait === PATIENCE && outbox.acknowledged > acknowledged) acknowledged = outbox.acknowledged
      else resume(wait === BREATH && isPatient)
    }, wait)
    const takeBack = outbox.onRelief(appId, () => resume(true))

    function resume(staysPatient: boolean): void {
      clearInterval(timer)
      takeBack()
      isPatient = staysPatient
      isPaused = false
      stream.resume()
    }
  }
}
