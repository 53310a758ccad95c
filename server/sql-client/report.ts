import { printable } from './printable';

/** An error or a notice as the client shows it, from the server or of its own. */
export interface Report {
  /** ERROR, FATAL, NOTICE, WARNING … */
  readonly severity: string;
  readonly sqlstate: string | undefined;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

/** The connection could not be made or can't go on. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly report: Report;

  constructor(report: Report) {
    super(report.message);
    this.report = report;
  }
}

/** SQLSTATE class 08: what happened to the connection, seen from the client. */
export const CONNECTION_STATE = {
  cannotConnect: '08001',
  rejected: '08004',
  lost: '08006',
  protocolViolation: '08P01',
} as const;

export function connectionError(
  state: keyof typeof CONNECTION_STATE,
  message: string,
  hint?: string,
): ConnectionError {
  return new ConnectionError({
    severity: 'ERROR',
    sqlstate: CONNECTION_STATE[state],
    message,
    hint,
  });
}

const SUCCESS = '00000';

/** One line a field, for stderr. */
export function reportText(report: Report): string {
  const { sqlstate, detail, hint } = report;
  const lines = [`${report.severity}: ${report.message}`];
  if (sqlstate !== undefined && sqlstate !== SUCCESS) lines.push(`SQLSTATE: ${sqlstate}`);
  if (detail !== undefined) lines.push(`DETAIL: ${detail}`);
  if (hint !== undefined) lines.push(`HINT: ${hint}`);
  return `${lines.map(printable).join('\n')}\n`;
}
