import type { Statement } from '../../../sql/parse/ast';
import type { LocalSettings } from '../../../sql/session/settings';
import { TransactionState } from '../../../sql/session/transaction';
import { sqlState } from '../../support/sql-state';

interface FakeSnapshot {
  closed: number;
  close(): void;
}

const NO_LOCALS: LocalSettings = new Map();

function snapshot(): FakeSnapshot {
  return {
    closed: 0,
    close() {
      this.closed++;
    },
  };
}

let state: TransactionState<FakeSnapshot>;
beforeEach(() => {
  state = new TransactionState();
});

test('outside of a block there is nothing to end', () => {
  const none = sqlState('25P01', 'there is no transaction in progress');
  expect(() => state.end('COMMIT')).toThrow(none);
  expect(() => state.end('ROLLBACK')).toThrow(none);
  expect(() => state.savepoint('s', NO_LOCALS)).toThrow(none);
  expect(() => state.releaseSavepoint('s')).toThrow(none);
  expect(() => state.rollbackTo('s')).toThrow(none);
});

test('blocks do not nest', () => {
  state.begin();
  expect(() => state.begin()).toThrow(sqlState('25001', /already a transaction in progress/));
  expect(state.status).toBe('T');
});

test('an error outside of a block leaves no failed block', () => {
  state.fail();
  expect(state.status).toBe('I');
});

const kinds = (...names: Statement['kind'][]) => names;

test('a failed block runs what ends it, and nothing else', () => {
  state.begin();
  state.fail();
  expect(state.status).toBe('E');
  for (const kind of kinds('Select', 'Begin', 'Savepoint', 'ReleaseSavepoint', 'ShowAll')) {
    expect(() => state.check(kind)).toThrow(sqlState('25P02', /^current transaction is aborted/));
  }
  for (const kind of kinds('Commit', 'Rollback', 'RollbackToSavepoint', 'Empty')) {
    expect(() => state.check(kind)).not.toThrow();
  }
  expect(state.end('COMMIT')).toBe('ROLLBACK');
  expect(state.status).toBe('I');
  expect(() => state.check('Select')).not.toThrow();
});

test('the snapshot is closed once, when the block ends', () => {
  state.begin();
  const held = snapshot();
  state.snapshot = held;
  state.end('COMMIT');
  expect(state.snapshot).toBeUndefined();
  state.release();
  expect(held.closed).toBe(1);
});

test('a failed block gives its snapshot up, unless a savepoint can bring the block back', () => {
  state.begin();
  const lost = snapshot();
  state.snapshot = lost;
  state.fail();
  expect(lost.closed).toBe(1);
  state.end('ROLLBACK');

  state.begin();
  state.savepoint('s', NO_LOCALS);
  const kept = snapshot();
  state.snapshot = kept;
  state.fail();
  state.rollbackTo('s');
  expect(state.status).toBe('T');
  expect(state.snapshot).toBe(kept);
  expect(kept.closed).toBe(0);
});

test('savepoints: the latest of a name, and those after it go with it', () => {
  state.begin();
  const first: LocalSettings = new Map([['a', '1']]);
  const second: LocalSettings = new Map([['a', '2']]);
  state.savepoint('s', first);
  state.savepoint('t', NO_LOCALS);
  state.savepoint('s', second);
  expect(state.rollbackTo('s')).toBe(second);
  expect(state.rollbackTo('s')).toBe(second); // it survives
  state.releaseSavepoint('s');
  expect(state.rollbackTo('s')).toBe(first);
  const gone = sqlState('3B001', 'savepoint "t" does not exist');
  expect(() => state.releaseSavepoint('t')).toThrow(gone);
  state.end('COMMIT');
  state.begin();
  expect(() => state.rollbackTo('s')).toThrow(sqlState('3B001', /does not exist/));
});

describe('cockroach_restart', () => {
  const RESTART = 'cockroach_restart';

  test('is the first savepoint of a block that has done nothing yet', () => {
    state.begin();
    state.savepoint('s', NO_LOCALS);
    const nested = sqlState('42601', 'SAVEPOINT "cockroach_restart" cannot be nested');
    expect(() => state.savepoint(RESTART, NO_LOCALS)).toThrow(nested);
    state.end('ROLLBACK');
    state.begin();
    state.snapshot = snapshot();
    expect(() => state.savepoint(RESTART, NO_LOCALS)).toThrow(
      sqlState('42601', /needs to be the first statement in a transaction$/),
    );
  });

  test('released, it leaves only the end of the block to be said', () => {
    state.begin();
    state.savepoint(RESTART, NO_LOCALS);
    state.savepoint('inner', NO_LOCALS);
    expect(state.isRestartSavepoint('inner')).toBe(false);
    state.releaseSavepoint(RESTART);
    expect([state.committed, state.status]).toEqual([true, 'T']);
    const committed = sqlState('25000', /^current transaction is committed, commands ignored/);
    for (const kind of kinds('Select', 'Savepoint', 'RollbackToSavepoint')) {
      expect(() => state.check(kind)).toThrow(committed);
    }
    state.fail();
    expect(state.status).toBe('T');
    expect(() => state.check('ShowTransactionStatus')).not.toThrow();
    expect(state.end('ROLLBACK')).toBe('COMMIT');
    expect([state.committed, state.status]).toEqual([false, 'I']);
  });

  test('other savepoints are released without an end', () => {
    state.begin();
    state.savepoint('s', NO_LOCALS);
    state.releaseSavepoint('s');
    expect(state.committed).toBe(false);
  });
});
