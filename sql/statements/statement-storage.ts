import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { StatementContext } from './statement-context';

/** How a statement reaches locations: as its user, and no longer than it runs. */
export function statementStorage(context: StatementContext): ExternalStorageOptions {
  return { ...cleanUpStorage(context), signal: context.signal };
}

/** The same for what has to be done when the statement has been ended. */
export function cleanUpStorage({ engine, user }: StatementContext): ExternalStorageOptions {
  // In the thread of a block there is none: the block itself holds it.
  const lock = 'writeLock' in engine ? { writeLock: engine.writeLock } : {};
  return { ...engine.storage, user, ...lock };
}
