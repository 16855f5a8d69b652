import type { Readable } from 'node:stream'
import type { Duration } from '../../../../core/time.ts'
import { LineSplitter } from './line-splitter.ts'
import type { Outbox } from './outbox.ts'

/** How long a dyno that floods waits for the control plane to take lines, before it is read on and lines are dropped. */
const PATIENCE: Duration = 1000
/** The pause after each chunk of a flood nobody takes: bounds the work it makes without blocking the dyno. */
const BREATH: Duration = 2

/** Hands every line `stream` brings to `emit`, more slowly while the app's lines pile up in `outbox`. */
export function readOutput(
  stream: Readable,
  target: { appId: string; outbox: Outbox },
  emit: (text: string) => void,
): void {
  const splitter = new LineSplitter()
  let isPatient = true
  stream.on('data', (chunk: Buffer) => {
    for (const text of splitter.push(chunk)) emit(text)
    if (target.outbox.isCrowded(target.appId)) pause()
  })
  stream.on('close', () => {
    for (const text of splitter.end()) emit(text)
  })

  function pause(): void {
    stream.pause()
    const isWaiting = isPatient && target.outbox.hasSubscriber
    const resume = (isRelieved: boolean) => {
      clearTimeout(timer)
      takeBack()
      isPatient = isRelieved || !isWaiting
      stream.resume()
    }
    const takeBack = target.outbox.onRelief(() => resume(true))
    const timer = setTimeout(() => resume(false), isWaiting ? PATIENCE : BREATH)
  }
}
