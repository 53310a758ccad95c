import { loadParser } from '../../../sql/parse/postgres';
import { shownBackup, shownTemplate } from '../../../sql/schedules/backup-text';

beforeAll(loadParser);

const S3 = `'s3://b/p?AWS_ACCESS_KEY_ID=k&AWS_SECRET_ACCESS_KEY=hidden'`;

test('secrets of a kept BACKUP are not shown', () => {
  const shown = shownBackup(
    `BACKUP TABLE a.b.c INTO LATEST IN ${S3} WITH encryption_passphrase = 'hidden', detached`,
  );
  expect(shown).not.toContain('hidden');
  expect(shown).toMatch(/^BACKUP TABLE a\.b\.c INTO LATEST IN 's3:\/\/b\/p\?.*redacted.*' WITH /);
  expect(shown).toContain(`WITH encryption_passphrase = '*****', detached`);
});

test('nor those of a text that is no BACKUP known here', () => {
  expect(shownBackup(`BACKUP VIRTUAL CLUSTER x INTO ${S3}`)).not.toContain('hidden');
});

test('CREATE SCHEDULE says nothing of LATEST', () => {
  expect(
    shownTemplate(
      `BACKUP TABLE "a INTO LATEST IN ".* INTO LATEST IN 'nodelocal://1/x' WITH detached`,
    ),
  ).toBe(`BACKUP TABLE "a INTO LATEST IN ".* INTO 'nodelocal://1/x' WITH detached`);
});
