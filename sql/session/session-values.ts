import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { regionsOf } from '../../catalog/regions';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { SessionValues } from '../builtins/repr';
import { currentDatabase } from './name-resolution';
import type { SequenceValues } from './sequence-values';
import type { SessionSettings } from './settings';
import type { HeldSnapshot, TransactionState } from './transaction';

interface ValuesOwner {
  readonly settings: SessionSettings;
  readonly transaction: TransactionState<HeldSnapshot>;
  readonly user: string;
  readonly backendPid: number;
  readonly sequences: SequenceValues;
}

/**
 * What expressions depend on beside rows, at the start of a statement.
 * @param schemas of the search path, those that exist
 */
export function sessionValuesOf(
  owner: ValuesOwner,
  schemas: readonly string[],
  catalog: CatalogSnapshot,
): SessionValues {
  const { settings, transaction } = owner;
  const now = timestampOfMicros(Date.now() * 1000);
  const begun = timestampOfMicros(transaction.startedMicros);
  return {
    transactionTimestamp: transaction.status === 'I' ? now : begun,
    statementTimestamp: now,
    timeZone: settings.timeZone,
    extraFloatDigits: BigInt(settings.get('extra_float_digits')),
    intervalStyle: settings.get('intervalstyle'),
    dateStyle: settings.get('datestyle'),
    byteaOutput: settings.get('bytea_output'),
    user: owner.user,
    sessionUser: settings.get('session_user'),
    database: currentDatabase(owner),
    schema: schemas[0] ?? null,
    searchPath: schemas.join(','),
    backendPid: BigInt(owner.backendPid),
    locality: settings.get('locality'),
    databaseRegions: databaseRegions(catalog.database(currentDatabase(owner)), catalog),
    applicationName: settings.get('application_name'),
    sequenceState: owner.sequences.toState(),
  };
}

function databaseRegions(
  database: DatabaseDescriptor | undefined,
  catalog: CatalogSnapshot,
): string | null {
  const regions = regionsOf(database, catalog);
  return regions === undefined ? null : [regions.primary, ...regions.names].join('\0');
}
