import type { ParseContext } from './context';
import { isWord } from './token';

/**
 * Statements that exist in CockroachDB and that the parser knows by their first words only: they are refused by name,
 * not as syntax errors. The longest match counts.
 */
const NAMES = [
  'ALTER BACKUP',
  'ALTER CHANGEFEED',
  'ALTER TENANT',
  'ANALYZE',
  'ANALYSE',
  'CALL',
  'CANCEL ALL',
  'CLOSE',
  'CREATE AGGREGATE',
  'CREATE CHANGEFEED',
  'CREATE FUNCTION',
  'CREATE PROCEDURE',
  'CREATE STATISTICS',
  'CREATE TRIGGER',
  'CREATE ACCESS METHOD',
  'DROP ACCESS METHOD',
  'CREATE CAST',
  'DROP CAST',
  'CREATE COLLATION',
  'DROP COLLATION',
  'CREATE CONVERSION',
  'DROP CONVERSION',
  'CREATE CONSTRAINT TRIGGER',
  'CREATE DOMAIN',
  'DROP DOMAIN',
  'CREATE EVENT TRIGGER',
  'DROP EVENT TRIGGER',
  'CREATE FOREIGN DATA WRAPPER',
  'DROP FOREIGN DATA WRAPPER',
  'CREATE FOREIGN TABLE',
  'DROP FOREIGN TABLE',
  'CREATE LANGUAGE',
  'DROP LANGUAGE',
  'CREATE OPERATOR',
  'DROP OPERATOR',
  'CREATE POLICY',
  'DROP POLICY',
  'CREATE PUBLICATION',
  'DROP PUBLICATION',
  'CREATE RULE',
  'DROP RULE',
  'CREATE SERVER',
  'DROP SERVER',
  'CREATE SUBSCRIPTION',
  'DROP SUBSCRIPTION',
  'CREATE TABLESPACE',
  'DROP TABLESPACE',
  'CREATE TEXT SEARCH',
  'DROP TEXT SEARCH',
  'DECLARE',
  'DO',
  'DROP EXTENSION',
  'DROP FUNCTION',
  'DROP PROCEDURE',
  'DROP TRIGGER',
  'EXPERIMENTAL',
  'EXPORT',
  'FETCH',
  'IMPORT',
  'LISTEN',
  'LOCK',
  'MERGE',
  'MOVE',
  'NOTIFY',
  'PAUSE ALL',
  'RESUME ALL',
  'SECURITY LABEL',
  'SET CONSTRAINTS',
  'SET TRACING',
  'SHOW AUTOMATIC STATISTICS',
  'SHOW CHANGEFEED JOBS',
  'SHOW CLUSTER STATEMENTS',
  'SHOW EXPERIMENTAL_FINGERPRINTS',
  'SHOW EXPERIMENTAL_REPLICA',
  'SHOW FULL TABLE SCANS',
  'SHOW HISTOGRAM',
  'SHOW KV TRACE',
  'SHOW COMPACT KV TRACE',
  'SHOW COMPACT TRACE',
  'SHOW LOCAL STATEMENTS',
  'SHOW RANGE',
  'SHOW STATEMENTS',
  'SHOW STATISTICS USING JSON',
  'SHOW SYSTEM GRANTS',
  'SHOW TRACE',
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
  'create extension',
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

const PRIVILEGE_STATEMENTS = [
  'create role',
  'create user',
  'alter role',
  'alter user',
  'alter default privileges',
  'drop role',
  'drop user',
  'drop owned',
  'reassign owned',
  'grant',
  'revoke',
  'set role',
  'set session role',
  'set session authorization',
  'set session session authorization',
  'reset role',
  'reset session authorization',
  'show grants on role',
  'show default privileges',
].map((name) => name.split(' '));

/** Statements about users, roles and privileges: they have a grammar of their own. */
export function isPrivilegeStatement(context: ParseContext, from: number): boolean {
  return PRIVILEGE_STATEMENTS.some((wanted) =>
    wanted.every((word, i) => isWord(context.tokens[from + i], word)),
  );
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
