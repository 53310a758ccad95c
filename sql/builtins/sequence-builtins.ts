import { INT8 } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { native } from './rows';

/** Sequence functions; the first argument became an id and its options when the statement was bound. */

const writing = { strict: false, volatility: 'volatile', writes: true } as const;
const reading = { strict: false, volatility: 'volatile', context: ['sequenceState'] } as const;

export const sequenceBuiltins: readonly FunctionRow[] = [
  native(
    'nextval',
    ['oid', 'string'],
    INT8,
    ([id, about]) => `q_nextval(${id}, ${about})`,
    writing,
  ),
  native(
    'setval',
    ['oid', 'string', 'int'],
    INT8,
    ([id, about, value]) => `q_setval(${id}, ${about}, ${value}, 1)`,
    writing,
  ),
  native(
    'setval',
    ['oid', 'string', 'int', 'bool'],
    INT8,
    ([id, about, value, called]) => `q_setval(${id}, ${about}, ${value}, ${called})`,
    writing,
  ),
  native(
    'currval',
    ['oid', 'string'],
    INT8,
    ([id, about, state]) => `q_currval(${id}, ${about}, ${state})`,
    reading,
  ),
  native('lastval', [], INT8, ([state]) => `q_lastval(${state})`, reading),
];
