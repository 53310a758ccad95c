import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../../../base/errors';
import { countReadings } from '../../../sql/parse/grammar';
import { lex } from '../../../sql/parse/lexer';
import { parseExpression, parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';
import { splitStatements } from '../../../sql/parse/split';
import { repoRoot } from '../../support/shared';
import { printNode, printStatement } from './print-statement';

/**
 * Golden files: blocks of `command`, input, `----`, expected text, separated by a line of `====`.
 * Commands: parse, expression, split, lex. `REWRITE_GOLDEN=1` writes what came out.
 */
const directory = join(repoRoot, 'test', 'golden', 'parse');
const rewrites = process.env['REWRITE_GOLDEN'] === '1';
const SEPARATOR = '\n====\n';

const commands: Record<string, (input: string) => string> = {
  parse: (input) => printStatement(parseStatement(input)),
  expression: (input) => printNode(parseExpression(input)),
  split: (input) =>
    splitStatements(input)
      .map(({ sql, start, offset }) => `${start} ${offset} ${JSON.stringify(sql)}`)
      .join('\n'),
  lex: (input) =>
    lex(input)
      .map(({ type, value, start, end }) => `${start}-${end} ${type} ${JSON.stringify(value)}`)
      .join('\n'),
};

function run(command: string, input: string): string {
  try {
    return commands[command]?.(input) ?? `no such command: ${command}`;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const parts = [
      `ERROR: ${error.sqlstate}: ${error.message}`,
      error.detail === undefined ? '' : `DETAIL: ${error.detail}`,
      error.hint === undefined ? '' : `HINT: ${error.hint}`,
      error.position === undefined ? '' : `POSITION: ${error.position}`,
    ];
    return parts.filter((part) => part !== '').join('\n');
  }
}

beforeAll(loadParser);

describe.each(readdirSync(directory))('golden/parse/%s', (file) => {
  const path = join(directory, file);
  const blocks = readFileSync(path, 'utf8').replace(/\n$/, '').split(SEPARATOR);
  const results: string[] = [];
  afterAll(() => {
    if (rewrites) writeFileSync(path, `${results.join(SEPARATOR)}\n`);
  });

  test.each(blocks.map((block) => [block.split('\n----')[0] ?? '', block]))('%s', (head, block) => {
    const [command = '', ...lines] = head.split('\n');
    const actual = `${head}\n----\n${run(command, lines.join('\n'))}`;
    results.push(actual);
    if (!rewrites) expect(actual).toBe(block);
  });

  test('statements of the grammar have one reading', () => {
    for (const block of blocks) {
      const [command, ...lines] = (block.split('\n----')[0] ?? '').split('\n');
      const source = lines.join('\n').replace(/;$/, '');
      if (command !== 'parse' || !readsOnce(source)) continue;
      const tokens = lex(source);
      const context = {
        source,
        tokens,
        nesting: 0,
        parseRange: () => ({ kind: 'Empty' }) as const,
      };
      expect([source, countReadings(context, 0, tokens.length - 1)]).toEqual([source, 1]);
    }
  });
});

/** Whether the statement parses and is not PostgreSQL's part. */
function readsOnce(source: string): boolean {
  try {
    const { kind } = parseStatement(source);
    return !['Select', 'Insert', 'Update', 'Delete', 'Empty', 'Unsupported'].includes(kind);
  } catch {
    return false;
  }
}

test('the compiled grammar is that of cockroach.ne', () => {
  execFileSync(process.execPath, [join(repoRoot, 'scripts', 'build-grammar.mjs'), '--check']);
});
