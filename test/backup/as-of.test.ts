import { create } from '@bufbuild/protobuf';
import { layersAsOf } from '../../backup/as-of';
import {
  type BackupManifest,
  BackupManifest_MvccFilter,
  BackupManifestSchema,
} from '../../backup/format/gen/backup_pb';

/** Layers of a chain that a time needs, and what is said when none has it. */

const seconds = (count: number): bigint => BigInt(count) * 1_000_000_000n;
const layer = (start: number, end: number, history?: number): BackupManifest =>
  create(BackupManifestSchema, {
    startTime: { wallTime: seconds(start) },
    endTime: { wallTime: seconds(end) },
    ...(history === undefined
      ? {}
      : {
          mvccFilter: BackupManifest_MvccFilter.ALL,
          revisionStartTime: { wallTime: seconds(history) },
        }),
  });

const at = (count: number, logical = 0) => ({ wallTime: seconds(count), logical });
const PLAIN = [layer(0, 100), layer(100, 200), layer(200, 300)];
const HISTORY = [layer(0, 100, 50), layer(100, 200, 100)];

test.each<[string, readonly BackupManifest[], number, number]>([
  ['the end of the full layer', PLAIN, 100, 1],
  ['the end of an incremental layer', PLAIN, 200, 2],
  ['the end of the last layer', PLAIN, 300, 3],
  ['inside of the history of the full layer', HISTORY, 51, 1],
  ['inside of the history of an incremental layer', HISTORY, 101, 2],
])('%s', (_, layers, time, expected) => {
  expect(layersAsOf(layers, at(time))).toBe(expected);
});

test.each<[string, readonly BackupManifest[], number, string]>([
  [
    'a time inside of the full layer',
    PLAIN,
    99,
    "restoring to arbitrary time requires that BACKUP for requested time be created with 'revision_history' option. nearest backup time is 1970-01-01 00:01:40 +0000 UTC",
  ],
  [
    'a time inside of a later layer',
    PLAIN,
    101,
    "restoring to arbitrary time requires that BACKUP for requested time be created with 'revision_history' option. nearest BACKUP times are 1970-01-01 00:01:40 +0000 UTC or 1970-01-01 00:03:20 +0000 UTC",
  ],
  [
    'a time before the history',
    HISTORY,
    50,
    'BACKUP for requested time only has revision history from 1970-01-01 00:00:50 +0000 UTC',
  ],
  ['a time after the last layer', PLAIN, 301, 'supplied backups do not cover requested time'],
])('refuses %s', (_, layers, time, message) => {
  expect(() => layersAsOf(layers, at(time))).toThrow(`invalid RESTORE timestamp: ${message}`);
});

test('the logical part counts: just after the end of a layer is in the next one', () => {
  expect(layersAsOf(HISTORY, at(100))).toBe(1);
  expect(layersAsOf(HISTORY, at(100, 1))).toBe(2);
  expect(() => layersAsOf(PLAIN, at(300, 1))).toThrow('do not cover requested time');
});
