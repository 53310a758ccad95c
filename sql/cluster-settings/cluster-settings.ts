import { SqlError } from '../../base/errors';
import type { Connection } from '../../storage/ranges/connection';
import { listSettings } from '../../storage/ranges/setting-rows';
import { CLUSTER_SETTINGS, type ClusterSetting } from './cluster-setting-table';
import {
  displayClusterSetting,
  encodeClusterSetting,
  formatByteSize,
  parseByteSize,
} from './cluster-setting-values';
import { HOST_RULES_SETTING, parseHostRules } from './host-rules';

/** Cluster settings of a store: the rows that were set, over the defaults. */

export interface ClusterSettingValue {
  readonly setting: ClusterSetting;
  /** As it is shown. */
  readonly value: string;
}

/** All known settings by name, with their values. */
export function clusterSettingValues(db: Connection): ClusterSettingValue[] {
  const stored = new Map(listSettings(db).map((row) => [row.name, row.value]));
  return [...CLUSTER_SETTINGS.values()].map((setting) => {
    const value = stored.get(setting.name);
    const shown = value === undefined ? undefined : displayClusterSetting(setting, value);
    return { setting, value: shown ?? defaultOf(setting) };
  });
}

/** Of one setting, as it is shown. @throws SqlError undefinedObject (42704) */
export function clusterSettingValue(db: Connection, name: string): string {
  const setting = clusterSettingNamed(name);
  const row = listSettings(db).find((candidate) => candidate.name === setting.name);
  const shown = row === undefined ? undefined : displayClusterSetting(setting, row.value);
  return shown ?? defaultOf(setting);
}

/** `64 MiB` and `1.0 TiB` are written in the table as they are shown. */
const defaultOf = (setting: ClusterSetting): string =>
  setting.type === 'z' ? formatByteSize(parseByteSize(setting.default)) : setting.default;

/** @throws SqlError undefinedObject (42704) */
export function clusterSettingNamed(name: string): ClusterSetting {
  const setting = CLUSTER_SETTINGS.get(name.toLowerCase());
  if (setting !== undefined) return setting;
  throw new SqlError('undefinedObject', `unknown cluster setting '${name}'`);
}

/** @throws SqlError as a value that can't be, or that is not honoured */
export function checkedClusterSetting(setting: ClusterSetting, value: string): string {
  const { variable } = setting;
  const encoded = encodeClusterSetting(setting, value);
  // What a session would refuse must not become its default.
  if (variable?.check !== undefined) {
    variable.check(variableText(setting, encoded), variable.name, () => 'on');
  }
  if (setting.name === HOST_RULES_SETTING) parseHostRules(encoded);
  const shown = displayClusterSetting(setting, encoded);
  if (setting.fixed && shown !== setting.default) {
    throw new SqlError(
      'featureNotSupported',
      `cluster setting "${setting.name}" can only be "${setting.default}" here, not "${shown}"`,
      { hint: 'Its other values are not supported: leave it as it is.' },
    );
  }
  return encoded;
}

/** A stored value as SET writes it. */
function variableText(setting: ClusterSetting, stored: string): string {
  if (setting.type === 'b') return stored === 'true' ? 'on' : 'off';
  return setting.type === 'e' ? displayClusterSetting(setting, stored) : stored;
}

/** Session variables whose default was set for the cluster. */
export function sessionDefaults(db: Connection): [name: string, value: string][] {
  return listSettings(db).flatMap(({ name, value }): [string, string][] => {
    const setting = CLUSTER_SETTINGS.get(name);
    if (setting?.variable === undefined) return [];
    return [[setting.variable.name, variableText(setting, value)]];
  });
}
