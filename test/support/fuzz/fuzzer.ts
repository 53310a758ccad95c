import type { Client, DatabaseError } from 'pg';
import type { OothecaProcess } from '../ootheca-process';
import { pgClient } from '../restored-server';
import { EXTREMES, mutate } from './mutate';
import { Random } from './random';
import { RandomSql } from './random-sql';

/** What no client should ever be told: internal errors, and words of JavaScript or SQLite. */
const WORDS =
  /internal error|TypeError|RangeError|ReferenceError|is not a function|is not iterable|Cannot (read|convert|mix|set)|\bundefined\b|\[object|SQLITE|no such (column|table|function|collation)|Invalid (array|string) length|BigInt|wrong number of arguments|datatype mismatch|misuse of (agg|win|fun)|ambiguous column|NaN cannot|\bo\d+\b.*column/;
/** Text that may contain such words because the statement did. */
const FORCED = /force_(error|assertion|panic|log_fatal)/i;
/** What ends other sessions, or what the fuzzer needs. */
const LEFT_OUT =
  /CANCEL\s+(SESSION|QUER)|pg_sleep|\bSHUTDOWN|LOGIN|ROLE|\bUSER\b|generate_series\s*\(.*\d{5}|_timeout|lock_timeout|lc_|RECURSIVE\b/i;

export interface Finding {
  readonly sql: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly ms: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly sessions: number;
  readonly untilMs: number;
  /** A session. */
  readonly statementsMax: number;
  readonly corpus: readonly string[];
  /** Longer is a hang. */
  readonly slowMs: number;
}

const TEXTS = ['', '1', '-1', '9223372036854775808', 'a', '{}', '{1}', 'NaN', '2021-01-01', 'f'];

/** Runs statements on several sessions of a database until the time is over. @returns what should not have been said */
export async function fuzz(
  server: OothecaProcess,
  database: string,
  options: FuzzOptions,
): Promise<{
  readonly findings: readonly Finding[];
  readonly statements: number;
  readonly codes: ReadonlyMap<string, number>;
}> {
  const findings: Finding[] = [];
  let statements = 0;
  const codes = new Map<string, number>();
  const session = async (index: number): Promise<void> => {
    const random = new Random(options.seed * 1000 + index);
    const grammar = new RandomSql(random);
    let client = await connect(server, database);
    let failed: number | undefined;
    for (let sent = 0; sent < options.statementsMax && Date.now() < options.untilMs; ) {
      if (!server.isRunning) return;
      if (random.chance(0.01)) {
        await client.end().catch(() => undefined);
        client = await connect(server, database);
      }
      const sql = next(random, grammar, options.corpus);
      if (LEFT_OUT.test(sql)) continue;
      statements++;
      sent++;
      if (codes.get('25P02') !== failed) {
        failed = codes.get('25P02');
        if (random.chance(0.5)) await client.query('ROLLBACK').catch(() => undefined);
      }
      const finding = await run(client, sql, random, options.slowMs, codes);
      if (finding !== undefined) findings.push(finding);
      if (finding?.code === undefined && finding !== undefined) {
        client.end().catch(() => undefined);
        client = await connect(server, database).catch(() => client);
      }
    }
    await client.end().catch(() => undefined);
  };
  await Promise.all(Array.from({ length: options.sessions }, (_, i) => session(i)));
  return { findings, statements, codes };
}

async function connect(server: OothecaProcess, database: string): Promise<Client> {
  const client = await pgClient(server, database);
  await client.query("SET statement_timeout = '2s'");
  await client.query("SET lock_timeout = '1s'");
  await client.query("SET idle_in_transaction_session_timeout = '20s'");

  for (const sql of RandomSql.setup) await client.query(sql).catch(() => undefined);
  return client;
}

function next(random: Random, grammar: RandomSql, corpus: readonly string[]): string {
  if (corpus.length === 0 || random.chance(0.4)) {
    const sql = grammar.statement();
    return random.chance(0.1) ? mutate(sql, grammar.statement(), random) : sql;
  }
  const sql = random.pick(corpus);
  return random.chance(0.1) ? sql : mutate(sql, random.pick(corpus), random);
}

async function run(
  client: Client,
  sql: string,
  random: Random,
  slowMs: number,
  codes: Map<string, number>,
): Promise<Finding | undefined> {
  const values = [...sql.matchAll(/\$(\d+)/g)].map(() =>
    random.chance(0.1) ? null : random.pick([...TEXTS, ...EXTREMES]).replaceAll("'", ''),
  );
  const began = Date.now();
  const extended = values.length > 0 || random.chance(0.3);
  const sent = client.query(extended ? { text: sql, values } : { text: sql });
  // pg sends a statement without values simply, and answers of what is no statement never end.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), slowMs * 2);
  });
  const outcome = await Promise.race([
    sent.then(
      () => undefined,
      (error: DatabaseError) => error,
    ),
    late,
  ]);
  clearTimeout(timer);
  const ms = Date.now() - began;
  const said0 = outcome === 'late' ? 'late' : outcome === undefined ? '00000' : `${outcome.code}`;
  codes.set(said0, (codes.get(said0) ?? 0) + 1);
  if (outcome === 'late') return { sql, code: undefined, message: 'no answer', ms };
  if (outcome === undefined)
    return ms > slowMs ? { sql, code: '00000', message: 'slow', ms } : undefined;
  const { code, message } = outcome;
  if (ms > slowMs) return { sql, code, message: `slow: ${message}`, ms };
  const forced = FORCED.test(sql);
  if (code === undefined || (code === 'XX000' && !forced)) return { sql, code, message, ms };
  const said = WORDS.exec(message)?.[0];
  if (said !== undefined && !sql.toLowerCase().includes(said.toLowerCase()))
    return { sql, code, message, ms };
  return undefined;
}
