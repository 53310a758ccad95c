import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseCsv } from '../support/csv';
import { SHOW_ANSWERS } from '../support/expected-answers';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

/** SHOW statements over restored databases equal what CockroachDB answered after the same RESTORE. */

/** CockroachDB had not yet loaded the statistics of these tables when it was asked. */
const ESTIMATED_LATER = new Set(['customers', 'transfers', 'old']);

type Row = readonly (string | null)[];
type NamedRow = Readonly<Record<string, string | null>>;

function namedRows(csv: string): NamedRow[] {
  const [header = [], ...rows] = parseCsv(csv);
  return rows.map((row) =>
    Object.fromEntries(header.map((name, i) => [name ?? '', row[i] ?? null])),
  );
}

const byText = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

const yesNo = (value: string | null | undefined): string => (value === 't' ? 'YES' : 'NO');

describe.each(['alltypes', 'bank', 'movr'])('%s', (database) => {
  describePsql('as CockroachDB shows it', () => {
    let server: OothecaProcess;
    const answerOf = (file: string): string =>
      readFileSync(join(fixturesDir, 'expected', database, `${file}.csv`), 'utf8');
    const show = (statement: string): string => server.psql(database, [statement]);
    const tables = namedRows(answerOf('_show_tables')).map(
      (row): readonly [schema: string, table: string, type: string] => [
        row['schema_name'] ?? '',
        row['table_name'] ?? '',
        row['type'] ?? '',
      ],
    );

    beforeAll(async () => {
      const io = join(fixturesDir, 'backups');
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
      const restore = `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`;
      server.psql('defaultdb', [restore]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test.each(SHOW_ANSWERS)('%s', (file, statement) => {
      const withoutEstimates = (csv: string): Row[] =>
        parseCsv(csv).map((row) =>
          file === '_show_tables' && ESTIMATED_LATER.has(row[1] ?? '')
            ? row.map((value, i) => (i === 4 ? '?' : value))
            : row,
        );
      expect(withoutEstimates(show(statement))).toEqual(withoutEstimates(answerOf(file)));
    });

    test('SHOW COLUMNS', () => {
      const shown = tables.flatMap(([schema, table]) =>
        namedRows(show(`SHOW COLUMNS FROM ${schema}."${table}"`)).map((row) => [
          schema,
          table,
          row['column_name'] ?? null,
          row['data_type'] ?? null,
          yesNo(row['is_nullable']),
          row['column_default'] ?? null,
          row['generation_expression'] ?? null,
          yesNo(row['is_hidden']),
        ]),
      );
      const expected = namedRows(answerOf('_columns')).map((row) => [
        row['table_schema'] ?? null,
        row['table_name'] ?? null,
        row['column_name'] ?? null,
        row['crdb_sql_type'] ?? null,
        row['is_nullable'] ?? null,
        row['column_default'] ?? null,
        row['generation_expression'] ?? null,
        row['is_hidden'] ?? null,
      ]);
      expect(shown.length).toBeGreaterThan(0);
      expect(byText(shown)).toEqual(byText(expected));
    });

    test('SHOW INDEXES', () => {
      const shown = tables
        .filter(([, , type]) => type !== 'view')
        .flatMap(([schema, table]) =>
          namedRows(show(`SHOW INDEXES FROM ${schema}."${table}"`)).map((row) => [
            schema,
            table,
            row['index_name'] ?? null,
            yesNo(row['non_unique']),
            row['seq_in_index'] ?? null,
            row['column_name'] ?? null,
            row['direction'] ?? null,
            yesNo(row['storing']),
            yesNo(row['implicit']),
          ]),
        );
      const [, ...expected] = parseCsv(answerOf('_indexes'));
      expect(byText(shown)).toEqual(byText(expected));
    });

    test('SHOW CONSTRAINTS', () => {
      const shown = tables
        .filter(([, , type]) => type === 'table')
        .flatMap(([schema, table]) =>
          namedRows(show(`SHOW CONSTRAINTS FROM ${schema}."${table}"`)).map((row) => [
            schema,
            table,
            row['constraint_name'] ?? null,
            row['constraint_type'] ?? null,
          ]),
        );
      // information_schema lists NOT NULL and the keys of sequences as constraints; SHOW CONSTRAINTS does not.
      const sequences = tables.filter(([, , type]) => type === 'sequence').map(([, name]) => name);
      const [, ...all] = parseCsv(answerOf('_constraints'));
      const expected = all.filter((row) => !sequences.includes(row[1] ?? ''));
      expect(byText(shown)).toEqual(
        byText(expected.filter((row) => !row[2]?.endsWith('_not_null'))),
      );
    });
  });
});
