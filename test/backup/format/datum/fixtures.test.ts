import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Repr } from '../../../../catalog/types/sql-type';
import { compileTextEncoder } from '../../../../catalog/types/text';
import { UTC } from '../../../../catalog/types/timezone';
import { parseCsv } from '../../../support/csv';
import { describeShared, fixturesDir, sharedDir } from '../../../support/shared';
import { type FixtureTable, readTables } from './fixture-tables';

const settings = {
  timeZone: UTC,
  extraFloatDigits: 0,
  byteaOutput: 'hex',
  intervalStyle: 'postgres',
} as const;

/** psql stops at a NUL byte. */
function shown(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

function textRows(
  table: FixtureTable,
  rows: readonly Repr[][],
  names: readonly string[],
): string[] {
  const columns = names.map((name) => table.columnNames.indexOf(name));
  const encoders = table.types.map((type) => compileTextEncoder(type, settings));
  return rows.map((row) =>
    JSON.stringify(
      columns.map((column) => {
        const value = row[column];
        const encode = encoders[column];
        if (value === undefined || encode === undefined) return 'virtual';
        return value === null ? null : shown(encode(value));
      }),
    ),
  );
}

const VIRTUAL = new Set(['virt']);

describe.each(['alltypes', 'bank', 'movr'])('rows of the backup %s', (name) => {
  test('are the ones that CockroachDB shows', async () => {
    const tables = await readTables(join(fixturesDir, 'backups', name));
    let compared = 0;
    for (const table of tables) {
      const path = join(
        fixturesDir,
        'expected',
        name,
        `${table.schemaName}.${table.descriptor.name}.csv`,
      );
      if (!existsSync(path)) continue;
      const [header, ...wanted] = parseCsv(readFileSync(path, 'utf8'));
      const names = (header as string[]).filter((column) => !VIRTUAL.has(column));
      const kept = (header as string[]).map((column) => !VIRTUAL.has(column));
      const expected = wanted.map((row) => JSON.stringify(row.filter((_, i) => kept[i])));
      const actual = textRows(table, await table.rows(), names);
      expect({ table: table.descriptor.name, rows: actual.sort() }).toEqual({
        table: table.descriptor.name,
        rows: expected.sort(),
      });
      compared += actual.length;
    }
    expect(compared).toBeGreaterThan(20);
  });
});

interface ExpectedTable {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

describeShared('rows of backups by older releases', () => {
  test.each([
    ['v1.0.7', 'v1.0.7'],
    ['v2.1.8', 'v2.1.8'],
    ['v19.1.4', 'v19.1.4'],
    ['cluster-v20.1.7', 'cluster_v20.1.7'],
    ['sequences-v20.2.5', 'seq-v20.2.5'],
  ])('%s', async (directory, fixture) => {
    const path = join(sharedDir, 'format/expected', `${fixture}.json`);
    const expected: { [name: string]: ExpectedTable } = JSON.parse(readFileSync(path, 'utf8'));
    const tables = await readTables(join(sharedDir, 'backups/upstream', directory));
    let compared = 0;
    for (const table of tables) {
      const { name } = table.descriptor;
      // Secrets among the settings are recorded as hashes.
      if (name === 'settings') continue;
      const key = Object.keys(expected).find((k) => k.endsWith(`.${name}`));
      const wanted = key === undefined ? undefined : expected[key];
      if (wanted === undefined) continue;
      const names = wanted.columns.map((column) => column.name);
      const actual = textRows(table, await table.rows(), names);
      expect({ name, rows: actual.sort() }).toEqual({
        name,
        rows: wanted.rows.map((row) => JSON.stringify(row)).sort(),
      });
      compared += actual.length;
    }
    expect(compared).toBeGreaterThan(0);
  });
});
