import type { ParseContext } from './context';

/**
 * Help pages that syntax errors point to (`try \h RESTORE`), by the statement's first words; the longest match counts.
 * Source: the help texts of CockroachDB v21.2's grammar.
 */
const TOPICS = [
  'ABORT',
  'BACKUP',
  'BEGIN',
  'CANCEL JOBS',
  'COMMIT',
  'CREATE DATABASE',
  'CREATE SCHEDULE FOR BACKUP',
  'DEALLOCATE',
  'DISCARD',
  'DROP DATABASE',
  'DROP SCHEDULES',
  'EXECUTE',
  'EXPLAIN',
  'PAUSE JOBS',
  'PAUSE SCHEDULES',
  'PREPARE',
  'RELEASE',
  'RESET',
  'RESTORE',
  'RESUME JOBS',
  'RESUME SCHEDULES',
  'ROLLBACK',
  'SAVEPOINT',
  'SET CLUSTER SETTING',
  'SET SESSION',
  'SET TRANSACTION',
  'SHOW BACKUP',
  'SHOW CLUSTER SETTING',
  'SHOW COLUMNS',
  'SHOW CONSTRAINTS',
  'SHOW CREATE',
  'SHOW DATABASES',
  'SHOW ENUMS',
  'SHOW GRANTS',
  'SHOW INDEXES',
  'SHOW JOBS',
  'SHOW RANGES',
  'SHOW ROLES',
  'SHOW SCHEDULES',
  'SHOW SCHEMAS',
  'SHOW SEQUENCES',
  'SHOW SESSION',
  'SHOW TABLES',
  'SHOW TRANSACTION',
  'SHOW TYPES',
  'SHOW USERS',
  'USE',
];

/** Other first words of the same pages. */
const ALIASES = new Map([
  ['CANCEL JOB', 'CANCEL JOBS'],
  ['CREATE SCHEDULE', 'CREATE SCHEDULE FOR BACKUP'],
  ['DROP SCHEDULE', 'DROP SCHEDULES'],
  ['END', 'COMMIT'],
  ['PAUSE JOB', 'PAUSE JOBS'],
  ['PAUSE SCHEDULE', 'PAUSE SCHEDULES'],
  ['RESUME JOB', 'RESUME JOBS'],
  ['RESUME SCHEDULE', 'RESUME SCHEDULES'],
  ['SET', 'SET SESSION'],
  ['SHOW AUTOMATIC JOBS', 'SHOW JOBS'],
  ['SHOW BACKUPS', 'SHOW BACKUP'],
  ['SHOW CONSTRAINT', 'SHOW CONSTRAINTS'],
  ['SHOW INDEX', 'SHOW INDEXES'],
  ['SHOW JOB', 'SHOW JOBS'],
  ['SHOW KEYS', 'SHOW INDEXES'],
  ['SHOW SCHEDULE', 'SHOW SCHEDULES'],
  ['START', 'BEGIN'],
]);

const BY_WORDS = new Map([...TOPICS.map((topic) => [topic, topic] as const), ...ALIASES.entries()]);

export function helpTopic(context: ParseContext, from: number, to: number): string | undefined {
  const words: string[] = [];
  let found: string | undefined;
  for (let i = from; i < to && words.length < 3; i++) {
    const token = context.tokens[i];
    if (token?.type !== 'word') break;
    words.push(token.value.toUpperCase());
    found = BY_WORDS.get(words.join(' ')) ?? found;
  }
  return found;
}
