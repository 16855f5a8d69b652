import type { RollbackReport } from '../client/shapes.ts'

/** What a rollback changes, a line each, and what it leaves to be seen to. Config vars are named without their values. */
export function reportLines(report: RollbackReport): string[] {
  return [
    `Code:    ${codeLine(report)}`,
    `Config:  ${configLine(report)}`,
    ...report.warnings.map(warning => `Note:    ${warning}`),
  ]
}

function codeLine({ code }: RollbackReport): string {
  return code === null ? 'stays as it is' : `${code.to} in place of ${code.from}`
}

function configLine({ config }: RollbackReport): string {
  const verbs = ['adds', 'removes', 'changes'] as const
  const said = verbs.flatMap(verb => (config[verb].length > 0 ? [`${verb} ${config[verb].join(', ')}`] : []))
  return said.length > 0 ? said.join('; ') : 'stays as it is'
}
