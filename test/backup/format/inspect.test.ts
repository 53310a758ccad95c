import { join } from 'node:path';

import { inspectFile } from '../../../backup/format/inspect';
import { fixturesDir } from '../../support/shared';

const backup = join(fixturesDir, 'backups', 'bank', '2026', '11', '22-171336.11');

async function lines(name: string): Promise<string[]> {
  const result: string[] = [];
  for await (const line of inspectFile(join(backup, name))) result.push(line);
  return result;
}

test('a manifest', async () => {
  const shown = await lines('BACKUP_MANIFEST');
  expect(shown).toContain('  wall_time: 1795367616112480420');
  expect(shown).toContain('    name: "bank"');
  expect(shown).toContain('  path: "1229773917953949697.sst"');
  expect(shown.filter((line) => line === 'descriptors').length).toBe(9);
});

test('a table', async () => {
  const shown = await lines('1229773917953949697.sst');
  expect(shown).toContain('property rocksdb.comparator = "cockroach_comparator"');
  expect(shown).toContain('property rocksdb.data.size = 4f');
  const entries = shown.filter((line) => line.startsWith('  '));
  expect(entries.length).toBe(2);
  for (const entry of entries)
    expect(entry).toMatch(
      /^ {2}f67589\w+ @ 2026-11-22T17:\d\d:\d\d\.\d{9} set: tuple \w* \(checksum ok\)$/,
    );
});
