/** What went wrong with a request, under the codes that people know from their logs. */
export interface RouterError {
  code: string
  desc: string
  /** Status of the answer, where one can still be given. */
  status: number
  at: 'info' | 'warning' | 'error'
  /** Which side broke the connection. */
  sock?: 'client' | 'backend'
}

export type RouterErrorCode = keyof typeof ERRORS

const error = (code: string, desc: string, status = 503): RouterError => ({ code, desc, status, at: 'error' })

export const ERRORS = {
  H10: error('H10', 'App crashed'),
  H11: error('H11', 'Backlog too deep'),
  H12: error('H12', 'Request timeout'),
  H13: error('H13', 'Connection closed without response'),
  H14: error('H14', 'No web processes running'),
  H15: error('H15', 'Idle connection'),
  H17: error('H17', 'Poorly formatted HTTP response'),
  H18: { ...error('H18', 'Server Request Interrupted'), sock: 'backend' },
  H19: error('H19', 'Backend connection timeout'),
  H20: error('H20', 'App boot timeout'),
  H21: error('H21', 'Backend connection refused'),
  H25: error('H25', 'HTTP restriction'),
  H26: error('H26', 'Request Error', 400),
  H27: { ...error('H27', 'Client Request Interrupted', 499), at: 'warning', sock: 'client' },
  H28: { ...error('H28', 'Client Connection Idle', 499), at: 'warning' },
  H34: error('H34', 'All up dynos are quarantined'),
  H80: { ...error('H80', 'Maintenance mode'), at: 'info' },
  H81: { ...error('H81', 'Blank app', 502), at: 'info' },
  H99: error('H99', 'Platform error'),
} as const satisfies Record<string, RouterError>
