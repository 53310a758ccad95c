import { CLUSTER_SETTINGS } from '../../../sql/cluster-settings/cluster-setting-table';
import {
  displayClusterSetting,
  encodeClusterSetting,
  formatByteSize,
  formatDuration,
  parseByteSize,
  parseDuration,
} from '../../../sql/cluster-settings/cluster-setting-values';
import {
  checkedClusterSetting,
  clusterSettingNamed,
} from '../../../sql/cluster-settings/cluster-settings';
import { sqlState } from '../../support/sql-state';

test.each([...CLUSTER_SETTINGS.values()])(
  '$name: its default is a value of its type',
  (setting) => {
    const encoded = encodeClusterSetting(setting, setting.default);
    const shown = displayClusterSetting(setting, encoded);
    expect(encodeClusterSetting(setting, shown)).toBe(encoded);
    expect(setting.description).not.toBe('');
  },
);

test.each([
  ['64MiB', 67_108_864n, '64 MiB'],
  ['1.5 KiB', 1_536n, '1.5 KiB'],
  ['1 TiB', 1_099_511_627_776n, '1.0 TiB'],
  ['1MB', 1_000_000n, '977 KiB'],
  ['0', 0n, '0 B'],
  ['12', 12n, '12 B'],
])('byte size %s', (text, bytes, shown) => {
  expect(parseByteSize(text)).toBe(bytes);
  expect(formatByteSize(bytes)).toBe(shown);
});

test.each([
  ['1h', '1h0m0s'],
  ['10 minutes', '10m0s'],
  ['00:05:00', '5m0s'],
  ['250ms', '250ms'],
  ['1.5s', '1.5s'],
  ['1h30m', '1h30m0s'],
  ['30', '30s'],
  ['-10s', '-10s'],
  ['0', '0s'],
])('duration %s', (text, shown) => {
  expect(formatDuration(parseDuration(text))).toBe(shown);
});

test.each([
  ['sql.notices.enabled', 'false', '0A000'],
  ['sql.notices.enabled', 'perhaps', '22023'],
  ['kv.range_split.load_qps_threshold', 'x', '22023'],
  ['kv.snapshot_rebalance.max_rate', '3 furlongs', '22023'],
  ['server.time_until_store_dead', 'soon', '22023'],
  ['kv.allocator.load_based_rebalancing', 'up', '22023'],
  ['version', '22.1', '0A000'],
  ['sql.defaults.default_int_size', '4', '0A000'],
  ['sql.defaults.vectorize', 'sideways', '22023'],
])('%s = %s is refused', (name, value, code) => {
  const setting = clusterSettingNamed(name);
  expect(() => checkedClusterSetting(setting, value)).toThrow(sqlState(code, /./));
});

test('an enum is stored as its number and shown by name', () => {
  const setting = clusterSettingNamed('kv.allocator.load_based_rebalancing');
  expect(encodeClusterSetting(setting, 'leases')).toBe('1');
  expect(displayClusterSetting(setting, '1')).toBe('leases');
});

test('an unknown one', () => {
  expect(() => clusterSettingNamed('no.such')).toThrow(
    sqlState('42704', "unknown cluster setting 'no.such'"),
  );
});
