import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fixturesDir } from '../../support/shared';
import { validateLayer } from '../../support/validate-backup';

/** The validator of written backups lets CockroachDB's own pass, and damaged ones not. */

function layerOf(collection: string): string {
  const latest = readFileSync(join(collection, 'LATEST'), 'utf8');
  return join(collection, latest);
}

describe.each(['alltypes', 'bank', 'movr'])('real backup %s', (name) => {
  test('is valid', async () => {
    const { pairs } = await validateLayer(layerOf(join(fixturesDir, 'backups', name)));
    expect(pairs).toBeGreaterThan(500);
  });
});

describe('a damaged backup', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ootheca-validate-'));
    cpSync(layerOf(join(fixturesDir, 'backups', 'bank')), directory, { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('without one of its files', async () => {
    const [first = ''] = readdirSync(directory).filter((name) => name.endsWith('.sst'));
    rmSync(join(directory, first));
    await expect(validateLayer(directory)).rejects.toThrow('no data file that the manifest');
  });

  test('with files in the place of others', async () => {
    const [first = '', second = ''] = readdirSync(directory).filter((name) =>
      name.endsWith('.sst'),
    );
    cpSync(join(directory, first), join(directory, second));
    await expect(validateLayer(directory)).rejects.toThrow('is of another span');
  });

  test('with another checksum', async () => {
    writeFileSync(join(directory, 'BACKUP_MANIFEST-CHECKSUM'), 'abcd');
    await expect(validateLayer(directory)).rejects.toThrow('checksum');
  });
});
