import { SqlError } from '../../base/errors';

/** Set to 1 from outside to end what runs: functions look at it on every call. */
export type CancelFlag = Int32Array;

export function queryCanceled(): SqlError {
  return new SqlError('queryCanceled', 'query execution canceled');
}

export function checkCanceled(cancel: CancelFlag): void {
  if (cancel[0] !== 0) throw queryCanceled();
}
