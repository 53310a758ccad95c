import { notSupported, SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { SequenceOptions } from '../../catalog/new-descriptors';
import { requireColumn } from '../../catalog/table-builder';
import { readSequence, writeSequence } from '../../storage/ranges/sequence-rows';
import { INT8_MAX, INT8_MIN } from '../builtins/integer';
import type { AlterSequenceStatement } from '../parse/alter-ast';
import type { SequenceOption } from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
import { boundsProblem, sequenceProblem, typeBounds } from './sequence-options';
import { findRelation, requireRelation } from './target';

/** ALTER SEQUENCE: what is not named stays, the value that was handed out last included. */
export async function alterSequence(
  statement: AlterSequenceStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('ALTER SEQUENCE', context, (run) => {
    const found = findRelation(statement.name, ['sequence'], run);
    if (found === undefined) {
      if (statement.ifExists) return;
      const name = statement.name.parts.join('.');
      throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
    }
    run.require(found.id, 'CREATE');
    change(run.table(found.id), statement.options, run);
  });
}

type Options = AlterSequenceStatement['options'];

function change(sequence: TableDescriptor, options: Options, run: DdlRun): void {
  const stored = sequence.sequenceOpts;
  invariant(stored !== undefined, `descriptor ${sequence.id} is a sequence`);
  const plain = options.filter((option): option is SequenceOption => option.kind !== 'restart');
  const old: SequenceOptions = {
    increment: stored.increment,
    minValue: stored.minValue,
    maxValue: stored.maxValue,
    start: stored.start,
    cache: stored.cacheSize > 1n ? stored.cacheSize : 1n,
    virtual: stored.virtual,
  };
  const made = merged(old, plain);
  const last = readSequence(run.db, sequence.id) ?? old.start - old.increment;
  const restart = options.find((option) => option.kind === 'restart');
  const value =
    restart === undefined
      ? withinOldBounds(last, old, made)
      : (restart.value ?? made.start) - made.increment;
  if (restart !== undefined) checkRestart(restart.value ?? made.start, made);
  if (!made.virtual) writeSequence(run.db, sequence.id, value);
  const { cache, virtual, ...numbers } = made;
  Object.assign(stored, numbers, { cacheSize: cache, virtual });
  setOwner(sequence, plain, run);
}

/** @throws SqlError syntaxError (42601), invalidParameterValue (22023) */
function merged(old: SequenceOptions, options: readonly SequenceOption[]): SequenceOptions {
  const given: { [kind: string]: bigint } = {};
  const seen = new Set<string>();
  for (const option of options) {
    if (option.kind === 'unsupported') throw notSupported(option.what);
    if (seen.has(option.kind)) {
      throw new SqlError('syntaxError', 'conflicting or redundant options');
    }
    seen.add(option.kind);
    if ('value' in option) given[option.kind] = option.value;
  }
  const [typeMin, typeMax] = typeBounds(options);
  const increment = given['increment'] ?? old.increment;
  const ascending = increment > 0n;
  const lowest = ascending ? 1n : typeMin;
  const highest = ascending ? typeMax : -1n;
  // Bounds that only stood for those of the type follow it.
  const oldMin = seen.has('as') && old.minValue === INT8_MIN ? lowest : old.minValue;
  const oldMax = seen.has('as') && old.maxValue === INT8_MAX ? highest : old.maxValue;
  const minValue = given['minValue'] ?? (seen.has('noMinValue') ? lowest : oldMin);
  const maxValue = given['maxValue'] ?? (seen.has('noMaxValue') ? highest : oldMax);
  const start = given['start'] ?? old.start;
  const cache = given['cache'] ?? old.cache;
  const problem =
    sequenceProblem({ increment, minValue, maxValue, start, cache }) ??
    boundsProblem(minValue, maxValue, typeMin, typeMax);
  if (problem !== undefined) throw new SqlError('invalidParameterValue', problem);
  return { increment, minValue, maxValue, start, cache, virtual: old.virtual };
}

function checkRestart(value: bigint, { minValue, maxValue }: SequenceOptions): void {
  if (value > maxValue) {
    throw new SqlError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be greater than MAXVALUE (${maxValue})`,
    );
  }
  if (value < minValue) {
    throw new SqlError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be less than MINVALUE (${minValue})`,
    );
  }
}

/** A sequence that had run over its end goes on from that end when it gets more room. */
function withinOldBounds(last: bigint, old: SequenceOptions, made: SequenceOptions): bigint {
  if (made.increment > 0n && made.maxValue > old.maxValue && last > old.maxValue) {
    return old.maxValue;
  }
  if (made.increment < 0n && made.minValue < old.minValue && last < old.minValue) {
    return old.minValue;
  }
  return last;
}

/** OWNED BY: the sequence goes when the column goes. */
function setOwner(
  sequence: TableDescriptor,
  options: readonly SequenceOption[],
  run: DdlRun,
): void {
  const option = options.find((other) => other.kind === 'owner' || other.kind === 'noOwner');
  const owner = sequence.sequenceOpts?.sequenceOwner;
  if (option === undefined || owner === undefined) return;
  const before = owner.ownerTableId === 0 ? undefined : run.tableIfKept(owner.ownerTableId);
  for (const column of before?.columns ?? []) {
    column.ownsSequenceIds = column.ownsSequenceIds.filter((id) => id !== sequence.id);
  }
  owner.ownerTableId = 0;
  owner.ownerColumnId = 0;
  if (option.kind !== 'owner') return;
  const { parts } = option.column;
  const name = { ...option.column, parts: parts.slice(0, -1) };
  const table = run.table(requireRelation(name, ['table'], run).id);
  const column = requireColumn(table, parts.at(-1) ?? '');
  column.ownsSequenceIds.push(sequence.id);
  owner.ownerTableId = table.id;
  owner.ownerColumnId = column.id;
}
