import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { regionsOf } from '../../catalog/regions';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { WriteClock } from '../../storage/ranges/clock';
import type { SessionValues } from '../builtins/repr';
import type { BlockSnapshot } from './block-snapshot';
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

/** The time that a block's rows carry once it writes, else the time at which it began; outside of one, now. */
export const logicalTimestamp = (
  { status, startedMicros, snapshot }: TransactionState<BlockSnapshot>,
  clock: WriteClock,
): bigint =>
  status === 'I' ? clock.now() : (snapshot?.writing?.timestamp ?? BigInt(startedMicros) * 1000n);

/** What expressions depend on beside rows, at the start of a statement. */
export class KnownSessionValues {
  private catalog: CatalogSnapshot | undefined;
  private settingsVersion = -1;
  private user = '';
  /** Those that a change of the session or the catalog alone changes. */
  private lasting: SessionValues = {};

  /**
   * @param schemas of the search path, those that exist
   * @param logicalTimestamp of the cluster's clock, in nanoseconds since 1970
   */
  of(
    owner: ValuesOwner,
    schemas: readonly string[],
    catalog: CatalogSnapshot,
    logicalTimestamp: bigint,
  ): SessionValues {
    const { settings, transaction, user } = owner;
    if (
      catalog !== this.catalog ||
      settings.version !== this.settingsVersion ||
      user !== this.user
    ) {
      this.lasting = lastingValues(owner, schemas, catalog);
      this.catalog = catalog;
      this.settingsVersion = settings.version;
      this.user = user;
    }
    const now = timestampOfMicros(Date.now() * 1000);
    const isIdle = transaction.status === 'I';
    return {
      ...this.lasting,
      transactionTimestamp: isIdle ? now : timestampOfMicros(transaction.startedMicros),
      statementTimestamp: now,
      logicalTimestamp,
      sequenceState: owner.sequences.toState(),
    };
  }
}

function lastingValues(
  owner: ValuesOwner,
  schemas: readonly string[],
  catalog: CatalogSnapshot,
): SessionValues {
  const { settings } = owner;
  return {
    // A copy that adds fields takes V8 microseconds, one that only changes them does not.
    transactionTimestamp: null,
    statementTimestamp: null,
    logicalTimestamp: null,
    sequenceState: null,
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
  };
}

function databaseRegions(
  database: DatabaseDescriptor | undefined,
  catalog: CatalogSnapshot,
): string | null {
  const regions = regionsOf(database, catalog);
  return regions === undefined ? null : [regions.primary, ...regions.names].join('\0');
}
