import type { ParseContext } from './context';
import { isWord } from './token';

/**
 * `DO $$ BEGIN …; EXCEPTION WHEN duplicate_object THEN null; END $$`: how migration tools for PostgreSQL (Sequelize, drizzle-kit)
 * say IF NOT EXISTS where PostgreSQL has no such words. CockroachDB has the words, and no DO; any other block is refused.
 */

const GUARDED =
  /^\s*BEGIN\s+([^;]+);\s*EXCEPTION\s+WHEN\s+duplicate_object\s+THEN\s+null\s*;\s*END\s*;?\s*$/is;

/** What is known to have IF NOT EXISTS, and where it goes. */
const PLACES: readonly RegExp[] = [
  /^(CREATE\s+TYPE\s+)(?!IF\s)/i,
  /^(ALTER\s+TABLE\s+[^']+?\s+ADD\s+CONSTRAINT\s+)(?!IF\s)/i,
];

/** The statement that the block at `from` comes to; undefined when it is no such block. */
export function guardedStatement(
  { tokens }: ParseContext,
  from: number,
  to: number,
): string | undefined {
  const body = tokens[from + 1];
  if (!isWord(tokens[from], 'do') || to !== from + 2 || body?.type !== 'string') return undefined;
  const statement = GUARDED.exec(body.value)?.[1]?.trim();
  if (statement === undefined) return undefined;
  for (const place of PLACES) {
    if (place.test(statement)) return statement.replace(place, '$1IF NOT EXISTS ');
  }
  return undefined;
}
