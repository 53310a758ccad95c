import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BackupChain } from '../../../backup/chain';
import { checkFiles } from '../../../backup/show/check-files';
import { showBackup, showBackupFiles } from '../../../backup/show/show-backup';
import { temporaryDirectory } from '../../support/ootheca-process';
import { fixturesDir } from '../../support/shared';

const BACKUP = 'bank/2026/11/22-171336.11';

describe('check_files', () => {
  const directory = temporaryDirectory();
  const folder = join(directory.path, BACKUP);
  const ssts = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.sst'));
  let chain: BackupChain;

  beforeEach(async () => {
    cpSync(join(fixturesDir, 'backups', BACKUP), folder, { recursive: true });
    const storage = { externalIoDir: directory.path, nodeId: 1 };
    chain = await BackupChain.open([{ uri: `nodelocal://1/${BACKUP}`, directory: '' }], {
      storage,
    });
  });
  afterEach(async () => {
    await chain.close();
    rmSync(folder, { recursive: true });
  });
  afterAll(() => directory.remove());

  const check = (): ReturnType<typeof checkFiles> =>
    checkFiles(chain, new AbortController().signal);

  test('tells what each file takes, and each table', async () => {
    const stored = await check();
    const files = showBackupFiles(chain, stored);
    expect(files.columns.at(-1)?.[0]).toBe('file_bytes');
    for (const row of files.rows) {
      expect(row.at(-1)).toBe(BigInt(statSync(join(folder, String(row[0]))).size));
    }
    const options = { schemas: false, privileges: false, debugIds: true, fileBytes: true };
    const objects = showBackup(chain, options, stored);
    const column = objects.columns.findIndex(([name]) => name === 'file_bytes');
    const total = ssts().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const shown = objects.rows.reduce((sum, row) => sum + BigInt((row[column] ?? 0) as bigint), 0n);
    expect(shown).toBe(BigInt(total));
    // Of the database: no id of a database above it, no size.
    expect(objects.rows[0]?.slice(0, 6)).toEqual([null, null, null, null, 'bank', 111n]);
    expect(objects.rows[0]?.[column]).toBeNull();
  });

  test('names the files that are missing or empty', async () => {
    const [first = '', second = ''] = ssts();
    rmSync(join(folder, first));
    writeFileSync(join(folder, second), '');
    const names = [`${first}`, `${second} (empty)`];
    await expect(check()).rejects.toMatchObject({ sqlstate: '58P01' });
    const message = await check().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message.split('\n\t')[0]).toBe('The following files are missing from the backup:');
    const named = message.split('\n\t').slice(1).sort();
    expect(named).toEqual(names.map((name) => `nodelocal://1/${BACKUP}/${name}`).sort());
  });

  test('a size that the manifest tells is compared', async () => {
    const [file] = chain.last.manifest.files;
    if (file === undefined) throw new Error('the fixture has files');
    const sizeBytes = readFileSync(join(folder, file.path)).length;
    file.backingFileSize = BigInt(sizeBytes);
    await check();
    file.backingFileSize = BigInt(sizeBytes + 1);
    await expect(check()).rejects.toThrow(`(${sizeBytes} bytes instead of ${sizeBytes + 1})`);
  });
});
