import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot, sharedDir } from '../shared';

/** Every statement that the project's tests, transcripts and documents contain, as far as they can be told from other text. */

const STATEMENT =
  /^\s*(SELECT|INSERT|UPSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|VALUES|TABLE|SHOW|SET|RESET|GRANT|REVOKE|COMMENT|TRUNCATE|EXPLAIN|BEGIN|SAVEPOINT|ROLLBACK|RELEASE|COMMIT|PREPARE|EXECUTE|DEALLOCATE|REASSIGN|DISCARD|USE)\b/i;
const LITERAL = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g;
const LENGTH_MAX = 600;

function* literals(source: string): Generator<string> {
  for (const [, single, double, template] of source.matchAll(LITERAL)) {
    const text = single ?? double ?? template ?? '';
    yield text.replaceAll(/\\(['"`\\])/g, '$1').replaceAll(/\$\{[^}]*\}/g, 't');
  }
}

export function corpus(): readonly string[] {
  const found = new Set<string>();
  const add = (text: string): void => {
    if (STATEMENT.test(text) && text.length <= LENGTH_MAX) found.add(text.trim());
  };
  const tests = join(repoRoot, 'test');
  for (const name of readdirSync(tests, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.ts'))
      for (const text of literals(readFileSync(join(tests, name), 'utf8'))) add(text);
  }
  const transcript = join(sharedDir, 'transcripts', 'sql.txt');
  if (existsSync(transcript))
    for (const line of readFileSync(transcript, 'utf8').split('\n'))
      if (line.endsWith(';')) add(line.slice(0, -1));
  return [...found];
}
