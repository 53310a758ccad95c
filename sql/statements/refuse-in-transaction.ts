import { notSupported } from '../../base/errors';
import type { StatementContext } from './statement-context';

/** Schema changes commit on their own so far: inside BEGIN … COMMIT they are refused rather than done too early. */
export function refuseInTransaction(what: string, context: StatementContext): void {
  if (context.inTransactionBlock) {
    throw notSupported(`${what} inside a transaction`, 'Run it outside of BEGIN … COMMIT.');
  }
}
