import type { ParseContext } from './context';

/**
 * Statements that exist in CockroachDB and that the parser knows by their first words only: they are refused by name,
 * not as syntax errors. The longest match counts.
 */
const NAMES = [
  'ALTER BACKUP',
  'ALTER CHANGEFEED',
  'ALTER DEFAULT PRIVILEGES',
  'ALTER ROLE',
  'ALTER TENANT',
  'ALTER USER',
  'ANALYZE',
  'ANALYSE',
  'CALL',
  'CANCEL ALL',
  'CANCEL QUERIES',
  'CANCEL QUERY',
  'CANCEL SESSION',
  'CANCEL SESSIONS',
  'CLOSE',
  'COPY',
  'CREATE AGGREGATE',
  'CREATE CHANGEFEED',
  'CREATE EXTENSION',
  'CREATE FUNCTION',
  'CREATE PROCEDURE',
  'CREATE ROLE',
  'CREATE SCHEDULE',
  'CREATE STATISTICS',
  'CREATE TRIGGER',
  'CREATE USER',
  'DECLARE',
  'DO',
  'DROP EXTENSION',
  'DROP FUNCTION',
  'DROP OWNED BY',
  'DROP PROCEDURE',
  'DROP ROLE',
  'DROP SCHEDULE',
  'DROP SCHEDULES',
  'DROP TRIGGER',
  'DROP USER',
  'EXPERIMENTAL',
  'EXPORT',
  'FETCH',
  'GRANT',
  'IMPORT',
  'LISTEN',
  'LOCK',
  'MERGE',
  'MOVE',
  'NOTIFY',
  'PAUSE ALL',
  'PAUSE SCHEDULE',
  'PAUSE SCHEDULES',
  'REASSIGN OWNED BY',
  'RESUME ALL',
  'RESUME SCHEDULE',
  'RESUME SCHEDULES',
  'REVOKE',
  'SECURITY LABEL',
  'SET CONSTRAINTS',
  'SET ROLE',
  'SET SESSION AUTHORIZATION',
  'SET TRACING',
  'SHOW AUTOMATIC STATISTICS',
  'SHOW CHANGEFEED JOBS',
  'SHOW CLUSTER QUERIES',
  'SHOW CLUSTER SESSIONS',
  'SHOW CLUSTER STATEMENTS',
  'SHOW CREATE SCHEDULE',
  'SHOW CREATE ALL SCHEDULES',
  'SHOW DEFAULT PRIVILEGES',
  'SHOW EXPERIMENTAL_FINGERPRINTS',
  'SHOW EXPERIMENTAL_REPLICA',
  'SHOW FULL TABLE SCANS',
  'SHOW HISTOGRAM',
  'SHOW KV TRACE',
  'SHOW COMPACT KV TRACE',
  'SHOW COMPACT TRACE',
  'SHOW LAST QUERY STATISTICS',
  'SHOW LOCAL QUERIES',
  'SHOW LOCAL SESSIONS',
  'SHOW LOCAL STATEMENTS',
  'SHOW PARTITIONS',
  'SHOW QUERIES',
  'SHOW RANGE',
  'SHOW REGIONS',
  'SHOW RUNNING SCHEDULES',
  'SHOW PAUSED SCHEDULES',
  'SHOW SCHEDULE',
  'SHOW SCHEDULES',
  'SHOW SESSIONS',
  'SHOW STATEMENTS',
  'SHOW STATISTICS',
  'SHOW SURVIVAL GOAL',
  'SHOW SYNTAX',
  'SHOW SYSTEM GRANTS',
  'SHOW TRACE',
  'SHOW TRANSACTIONS',
  'SHOW ZONE CONFIGURATION',
  'SHOW ZONE CONFIGURATIONS',
  'SPLIT',
  'UNLISTEN',
  'VACUUM',
].map((name) => ({ name, words: name.toLowerCase().split(' ') }));

/** Between CREATE and what is created, in any order. */
const CREATE_MODIFIERS = new Set([
  'or',
  'replace',
  'global',
  'local',
  'temp',
  'temporary',
  'unlogged',
]);

const DEFINITIONS = [
  'create table',
  'create index',
  'create inverted index',
  'create unique index',
  'create unique inverted index',
  'create schema',
  'create sequence',
  'create type',
  'create view',
  'create materialized view',
  'drop materialized view',
  'refresh materialized view',
  'truncate',
  'drop table',
  'drop index',
  'drop schema',
  'drop sequence',
  'drop type',
  'drop view',
  'alter database',
  'alter index',
  'alter materialized view',
  'alter partition',
  'alter range',
  'alter schema',
  'alter sequence',
  'alter table',
  'alter type',
  'alter view',
  'comment on',
].map((name) => name.split(' '));

/** Statements that change the schema and are not refused by their first words. */
export function isDefinition(context: ParseContext, from: number): boolean {
  const words: string[] = [];
  for (let i = from; words.length < 4; i++) {
    const token = context.tokens[i];
    if (token?.type !== 'word') break;
    if (words[0] === 'create' && words.length === 1 && CREATE_MODIFIERS.has(token.value)) continue;
    words.push(token.value);
  }
  return DEFINITIONS.some((wanted) => wanted.every((word, i) => words[i] === word));
}

/** The name of a statement that is known but not run, e.g. `CREATE TABLE`; `null` when there is none. */
export function unsupportedName(context: ParseContext, from: number, to: number): string | null {
  const words: string[] = [];
  for (let i = from; i < to && words.length < 5; i++) {
    const token = context.tokens[i];
    if (token?.type !== 'word') break;
    if (words[0] === 'create' && words.length === 1 && CREATE_MODIFIERS.has(token.value)) continue;
    words.push(token.value);
  }
  let longest: string | null = null;
  for (const { name, words: wanted } of NAMES) {
    if (name.length <= (longest?.length ?? 0)) continue;
    if (wanted.every((word, i) => words[i] === word)) longest = name;
  }
  return longest;
}
