import { type ConnectionOptions, parseSqlFlags } from '../sql-client/sql-flags';
import { UsageError } from '../usage-error';

export interface FileFlags {
  readonly command: 'files';
  readonly connection: ConnectionOptions;
  readonly scheme: 'userfile' | 'nodelocal';
  readonly action: 'upload' | 'list' | 'get' | 'delete';
  readonly operands: readonly string[];
}

/** How many operands an action takes: at least, and at most. */
const OPERANDS = {
  upload: [1, 2],
  list: [0, 1],
  get: [1, 2],
  delete: [1, 1],
} as const satisfies { readonly [A in FileFlags['action']]: readonly [number, number] };

const isAction = (word: string | undefined): word is FileFlags['action'] =>
  word !== undefined && Object.hasOwn(OPERANDS, word);

/** Flags of `ootheca sql` that are followed by their value. */
const WITH_VALUE = /^(-p|-u|-d|--(url|host|port|user|database|certs-dir))$/;

/**
 * The command line after `ootheca userfile` or `ootheca nodelocal`.
 * @throws UsageError
 */
export function parseFileFlags(
  scheme: FileFlags['scheme'],
  argv: readonly string[],
): FileFlags | { readonly command: 'help' } {
  const flags: string[] = [];
  const words: string[] = [];
  argv.forEach((argument, i) => {
    const isFlag = argument.startsWith('-') || WITH_VALUE.test(argv[i - 1] ?? '');
    (isFlag ? flags : words).push(argument);
  });
  const sql = parseSqlFlags(flags);
  if (sql.command === 'help') return sql;
  if (sql.statements.length > 0 || sql.format !== undefined) {
    throw new UsageError(`${scheme} takes no -e and no --format`);
  }
  const [action, ...operands] = words;
  if (!isAction(action) || (scheme === 'nodelocal' && action !== 'upload')) {
    const known = scheme === 'nodelocal' ? 'upload' : Object.keys(OPERANDS).join(', ');
    throw new UsageError(`ootheca ${scheme} does: ${known}; see ootheca help`);
  }
  const [least, most] = OPERANDS[action];
  if (operands.length < least || operands.length > most) {
    throw new UsageError(`wrong number of arguments of ${scheme} ${action}; see ootheca help`);
  }
  return { command: 'files', connection: sql.connection, scheme, action, operands };
}
