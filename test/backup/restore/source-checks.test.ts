import { create } from '@bufbuild/protobuf';
import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { refuseNewer, refuseTenants } from '../../../backup/restore/source-checks';
import { type Version, VersionSchema } from '../../../catalog/descriptor/gen/common_pb';

const version = (majorVal: number, minorVal: number, internal = 0): Version =>
  create(VersionSchema, { majorVal, minorVal, internal });

test.each([
  ['a version that does not say', version(0, 0)],
  ['an old one', version(1, 0)],
  ['a step between releases', version(21, 1, 114)],
  ['the newest', version(21, 2)],
])('%s is read', (_, given) => {
  expect(() => refuseNewer(given)).not.toThrow();
});

test.each([
  [version(21, 2, 4), '21.2-4'],
  [version(22, 1), '22.1'],
  [version(23, 0, 2), '23.0-2'],
])('a newer one is refused', (given, text) => {
  expect(() => refuseNewer(given)).toThrow(
    `backup from version ${text} is newer than current version 21.2`,
  );
});

const manifestOf = (key: readonly number[], tenants = 0) =>
  create(BackupManifestSchema, {
    spans: [{ key: Uint8Array.from(key) }],
    tenants: Array.from({ length: tenants }, () => ({})),
  });

test('a backup that a tenant made is none of this cluster', () => {
  const tenant = manifestOf([0xfe, 0x8a, 0xbd]);
  expect(() => refuseTenants(tenant, true)).toThrow(
    'cannot cluster RESTORE backups taken from different tenant: 2',
  );
  expect(() => refuseTenants(tenant, false)).toThrow(
    'cannot restore tenant backups into system tenant',
  );
});

test('tenants in the backup of a cluster: its databases can be restored, all of it cannot', () => {
  const cluster = manifestOf([0xbd], 2);
  expect(() => refuseTenants(cluster, true)).toThrow('tenants of a cluster');
  expect(() => refuseTenants(cluster, false)).not.toThrow();
  expect(() => refuseTenants(manifestOf([0xbd]), true)).not.toThrow();
});
