import pino from 'pino'

const log = pino(
  { base: null, timestamp: pino.stdTimeFunctions.isoTime },
  pino.destination({ dest: 2, sync: true }),
)

/** Writes down what went wrong and will be tried again or was answered with an apology: one structured line on stderr. */
export function report(trouble: { doing: string; error: unknown; appId?: string }): void {
  const { error, ...fields } = trouble
  log.error({ ...fields, err: error }, 'something failed')
}
