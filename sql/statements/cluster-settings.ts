import { SqlError } from '../../base/errors';
import { floatToRepr } from '../../catalog/types/float';
import { intervalToRepr } from '../../catalog/types/interval';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { BOOL, FLOAT8, INT8, INTERVAL, STRING } from '../../catalog/types/table';
import { deleteSetting, putSetting } from '../../storage/ranges/setting-rows';
import { setWriteTime } from '../../storage/ranges/write-time';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import type { ClusterSettingType } from '../cluster-settings/cluster-setting-table';
import { parseDuration } from '../cluster-settings/cluster-setting-values';
import {
  checkedClusterSetting,
  clusterSettingNamed,
  clusterSettingValues,
} from '../cluster-settings/cluster-settings';
import type { SessionStatement, ShowStatement } from '../parse/ast';
import { hasOption } from '../privileges/access';
import { valueText } from './settings';
import type { StatementContext } from './statement-context';
import { boolRepr, columnsOf, type TableResult } from './table-result';

/** SET, RESET and SHOW CLUSTER SETTING. */

type Show<K extends ShowStatement['kind']> = Extract<ShowStatement, { kind: K }>;

export async function setClusterSetting(
  statement: Extract<SessionStatement, { kind: 'SetClusterSetting' }>,
  context: StatementContext,
): Promise<string> {
  if (context.inTransactionBlock) {
    throw new SqlError(
      'activeSqlTransaction',
      'SET CLUSTER SETTING cannot be used inside a transaction',
    );
  }
  if (!hasOption(context, 'MODIFYCLUSTERSETTING')) {
    throw new SqlError(
      'insufficientPrivilege',
      `only users with the MODIFYCLUSTERSETTING privilege are allowed to set cluster setting '${statement.name}'`,
    );
  }
  const setting = clusterSettingNamed(statement.name);
  const { name, type: valueType } = setting;
  const { engine } = context;
  const value =
    statement.value === null
      ? null
      : checkedClusterSetting(setting, await valueText(statement.value, context));
  await writeTransaction(engine.writeLock, engine.db, 'SET CLUSTER SETTING', (db) => {
    setWriteTime(db, engine.clock.next());
    if (value === null) deleteSetting(db, name);
    else putSetting(db, { name, value, valueType, lastUpdatedMicros: Date.now() * 1000 });
  });
  return 'SET CLUSTER SETTING';
}

const SHOWN_TYPES: { readonly [T in ClusterSettingType]: SqlType } = {
  b: BOOL,
  i: INT8,
  f: FLOAT8,
  d: INTERVAL,
  z: STRING,
  s: STRING,
  e: STRING,
  m: STRING,
};

function shownValue(type: ClusterSettingType, value: string): Repr {
  switch (type) {
    case 'b':
      return boolRepr(value === 'true');
    case 'i':
      return BigInt(value);
    case 'f':
      return floatToRepr(Number(value));
    case 'd':
      return intervalToRepr({ months: 0, days: 0, micros: parseDuration(value) / 1000n });
    default:
      return value;
  }
}

export function showClusterSetting(
  statement: Show<'ShowClusterSetting'>,
  context: StatementContext,
): TableResult {
  const name = statement.name.toLowerCase();
  const found = clusterSettingValues(context.engine.db).find(
    ({ setting }) => setting.name === name,
  );
  if (found === undefined) {
    throw new SqlError('undefinedObject', `unknown setting: "${statement.name}"`);
  }
  const { type } = found.setting;
  return {
    columns: columnsOf([name, SHOWN_TYPES[type]]),
    rows: [[shownValue(type, found.value)]],
  };
}

export function showAllClusterSettings(
  statement: Show<'ShowAllClusterSettings'>,
  context: StatementContext,
): TableResult {
  const { all } = statement;
  const shown = clusterSettingValues(context.engine.db).filter(
    ({ setting }) => all || setting.public,
  );
  return {
    columns: columnsOf(
      ['variable', STRING],
      ['value', STRING],
      ['setting_type', STRING],
      ...(all ? ([['public', BOOL]] as const) : []),
      ['description', STRING],
    ),
    rows: shown.map(({ setting, value }) => [
      setting.name,
      value,
      setting.type,
      ...(all ? [boolRepr(setting.public)] : []),
      setting.description,
    ]),
  };
}
