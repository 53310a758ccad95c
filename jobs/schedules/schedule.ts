import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CorruptionError } from '../../base/errors';
import {
  ExecutionArgumentsSchema,
  ScheduleDetailsSchema,
  ScheduleStateSchema,
} from './gen/schedule_pb';

/** What a schedule is; kept in `scheduled_jobs` with CockroachDB's columns and encodings, so that backups hand it on. */

export const WAIT_BEHAVIORS = ['WAIT', 'START', 'SKIP'] as const;
/** What happens when it is time and a job of the schedule has not ended. */
export type WaitBehavior = (typeof WAIT_BEHAVIORS)[number];

export const ERROR_BEHAVIORS = ['RESCHEDULE', 'RETRY', 'PAUSE'] as const;
/** What happens when a job fails, or can't be made. */
export type ErrorBehavior = (typeof ERROR_BEHAVIORS)[number];

export interface SchedulePolicies {
  readonly wait: WaitBehavior;
  readonly onError: ErrorBehavior;
}

/** What is to be done; `value` is a message of the type. */
export interface ExecutionArguments {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** Times are microseconds since 1970 UTC. */
export interface Schedule extends SchedulePolicies {
  readonly id: bigint;
  readonly label: string;
  readonly owner: string;
  readonly createdMicros: number;
  /** `null`: paused. */
  readonly nextRunMicros: number | null;
  /** Empty: nothing to say. */
  readonly state: string;
  /** `null`: runs once. */
  readonly recurrence: string | null;
  readonly executorType: string;
  readonly arguments: ExecutionArguments;
  /** False of those that came with a restored cluster, until somebody resumes them here. */
  readonly runsHere: boolean;
}

export type NewSchedule = Omit<Schedule, 'id' | 'createdMicros' | 'runsHere'>;

const corrupt = (what: string, cause?: unknown): CorruptionError =>
  new CorruptionError('store.db', undefined, `${what} of a schedule`, cause);

export function encodeState(status: string): Uint8Array {
  return toBinary(ScheduleStateSchema, create(ScheduleStateSchema, { status }));
}

export function decodeState(bytes: Uint8Array | null): string {
  return decode(ScheduleStateSchema, bytes, 'state').status;
}

export function encodePolicies({ wait, onError }: SchedulePolicies): Uint8Array {
  const details = create(ScheduleDetailsSchema, {
    wait: WAIT_BEHAVIORS.indexOf(wait),
    onError: ERROR_BEHAVIORS.indexOf(onError),
  });
  return toBinary(ScheduleDetailsSchema, details);
}

export function decodePolicies(bytes: Uint8Array | null): SchedulePolicies {
  const details = decode(ScheduleDetailsSchema, bytes, 'details');
  const wait = WAIT_BEHAVIORS[details.wait];
  const onError = ERROR_BEHAVIORS[details.onError];
  if (wait === undefined || onError === undefined) throw corrupt('details');
  return { wait, onError };
}

export function encodeArguments({ typeUrl, value }: ExecutionArguments): Uint8Array {
  const message = create(ExecutionArgumentsSchema, { args: { typeUrl, value } });
  return toBinary(ExecutionArgumentsSchema, message);
}

export function decodeArguments(bytes: Uint8Array | null): ExecutionArguments {
  const { args } = decode(ExecutionArgumentsSchema, bytes, 'arguments');
  return { typeUrl: args?.typeUrl ?? '', value: args?.value ?? new Uint8Array(0) };
}

function decode<Schema extends Parameters<typeof fromBinary>[0]>(
  schema: Schema,
  bytes: Uint8Array | null,
  what: string,
) {
  try {
    return fromBinary(schema, bytes ?? new Uint8Array(0));
  } catch (error) {
    throw corrupt(what, error);
  }
}
