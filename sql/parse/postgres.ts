import { loadModule, parseSync } from 'libpg-query';
import { SqlError } from '../../base/errors';
import type { PgNode } from './pg-tree';

/**
 * PostgreSQL's own parser, as WebAssembly. The module is compiled once for a thread: await `loadParser` before the first parse.
 */
export async function loadParser(): Promise<void> {
  await loadModule();
}

/** PostgreSQL's complaint about a text. */
export class PostgresSyntaxError extends Error {
  override readonly name = 'PostgresSyntaxError';
  /** 0-based, in code points. */
  readonly cursor: number;

  constructor(message: string, cursor: number) {
    super(message);
    this.cursor = cursor;
  }
}

/** Set once the module trapped: its stack and heap are in an unknown state from then on. */
let broken = false;

/**
 * Parses one statement. Locations in the tree are byte offsets of the text's UTF-8.
 * @throws PostgresSyntaxError; SqlError outOfMemory (53200) when the module is out of memory
 */
export function parsePostgres(sql: string): PgNode {
  if (broken) {
    throw new SqlError('internalError', 'the query parser failed earlier; restart the server');
  }
  let result: ReturnType<typeof parseSync>;
  try {
    result = parseSync(sql);
  } catch (error) {
    throw asKnownError(error);
  }
  return (result.stmts?.[0]?.stmt ?? {}) as PgNode;
}

function asKnownError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const details = (error as { sqlDetails?: { message: string; cursorPosition: number } })
    .sqlDetails;
  if (details !== undefined) {
    if (details.message.startsWith('memory exhausted')) {
      return new SqlError('statementTooComplex', 'statement is nested too deeply');
    }
    return new PostgresSyntaxError(details.message, details.cursorPosition);
  }
  // depth.ts keeps statements from getting here; a trap means that its estimate was wrong.
  broken = true;
  return new SqlError('statementTooComplex', 'statement is too complex to parse', {
    cause: error,
  });
}
