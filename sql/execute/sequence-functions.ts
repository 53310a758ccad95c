import { notSupported, SqlError } from '../../base/errors';
import type { Connection } from '../../storage/ranges/connection';
import { uniqueRowId } from '../builtins/row-ids';
import type { SequenceAccess, SequenceOptions } from '../builtins/sequence-access';
import type { AdvancedSequences } from './messages';

/** nextval, setval, currval and lastval on one connection. */

/** What the running statement handed out; `last` wins over what the session knew before. */
interface StatementState {
  readonly values: Map<number, bigint>;
  last: number | undefined;
}

const states = new WeakMap<Connection, StatementState>();

/** The values handed out since the last call. */
export function takeAdvanced(db: Connection): AdvancedSequences {
  const state = states.get(db);
  if (state === undefined || state.values.size === 0) return [];
  const entries = [...state.values].sort(
    ([a], [b]) => Number(a === state.last) - Number(b === state.last),
  );
  state.values.clear();
  state.last = undefined;
  return entries;
}

/** The session's `sequenceState`: values by table id, and the id that moved last. */
export interface SequenceState {
  readonly last?: number;
  readonly values: Readonly<Record<string, string>>;
}

function parseState(text: string | null): SequenceState {
  return text === null ? { values: {} } : (JSON.parse(text) as SequenceState);
}

/** Made by bind/sequences.ts: increment, minimum, maximum, start, 1 for virtual ones, name. */
function parseOptions(text: string): SequenceOptions {
  const [increment = '1', minValue = '1', maxValue = '1', start = '1', virtual, ...name] =
    text.split(',');
  return {
    increment: BigInt(increment),
    minValue: BigInt(minValue),
    maxValue: BigInt(maxValue),
    start: BigInt(start),
    name: name.join(','),
    virtual: virtual === '1',
  };
}

const options = { safeIntegers: true, varargs: true, deterministic: false } as const;

export function registerSequenceFunctions(
  db: Connection,
  sequences: SequenceAccess | undefined,
): void {
  const state: StatementState = { values: new Map(), last: undefined };
  states.set(db, state);
  const access = (): SequenceAccess => {
    if (sequences === undefined) throw notSupported('changing a sequence in this place');
    return sequences;
  };
  db.function('q_nextval', options, (id: bigint | null, about: string) => {
    if (id === null) return null;
    const sequence = parseOptions(about);
    const value = sequence.virtual ? uniqueRowId() : access().nextval(Number(id), sequence);
    state.values.set(Number(id), value);
    state.last = Number(id);
    return value;
  });
  db.function(
    'q_setval',
    options,
    (id: bigint, about: string, value: bigint | null, called: bigint | null) => {
      if (value === null || called === null) return null;
      const sequence = parseOptions(about);
      if (sequence.virtual) {
        throw new SqlError(
          'objectNotInPrerequisiteState',
          `cannot set the value of virtual sequence "${sequence.name}"`,
        );
      }
      access().setval(Number(id), value, called !== 0n, sequence);
      // Not called: the value is still to come, from nextval.
      if (called !== 0n) {
        state.values.set(Number(id), value);
        state.last = Number(id);
      }
      return value;
    },
  );
  db.function('q_currval', options, (id: bigint, about: string, session: string | null) => {
    const known = state.values.get(Number(id)) ?? parseState(session).values[String(id)];
    if (known !== undefined) return BigInt(known);
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `currval of sequence "${parseOptions(about).name}" is not yet defined in this session`,
    );
  });
  db.function('q_lastval', options, (session: string | null) => {
    const before = parseState(session);
    const last = state.last ?? before.last;
    const known = last === undefined ? undefined : (state.values.get(last) ?? before.values[last]);
    if (known !== undefined) return BigInt(known);
    throw new SqlError(
      'objectNotInPrerequisiteState',
      'lastval is not yet defined in this session',
    );
  });
}

/** See shareFunctions. */
export function shareSequenceState(db: Connection, view: Connection): void {
  const known = states.get(db);
  if (known !== undefined) states.set(view, known);
}
