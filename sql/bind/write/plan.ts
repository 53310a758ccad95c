import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import type { ParameterSlot } from '../../emit/compiled-query';
import type { ResultColumn } from '../../engine';

/**
 * What a statement that writes rows comes down to: data that can be sent to another thread. Everything that needs SQL is a
 * program: a query named by its number, which reads rows of values through the inputs `:v1` … (the row itself), `:e1` …
 * (the row that was proposed for insertion) and `:x1` … (columns of other tables of the statement).
 *
 * Rows are arrays of the stored columns' values in the order of the table; positions are indexes into them.
 */

export type ProgramId = number;

export interface WriteColumn {
  readonly name: string;
  readonly sqliteName: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

export interface UniquePlan {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the columns; -1 for virtual ones. */
  readonly positions: readonly number[];
  /** Inputs: a row. Gives the rows of the table that have its key. */
  readonly lookup: ProgramId;
  /** SQLite's own index refuses a second row. */
  readonly physical: boolean;
}

/** A foreign key of the table that is written. */
export interface OutboundPlan {
  readonly name: string;
  readonly positions: readonly number[];
  readonly columns: readonly string[];
  readonly referencedTable: string;
  readonly referencedTableId: number;
  readonly matchFull: boolean;
  /** Inputs: the referencing row. Gives a row when the referenced one is there. */
  readonly exists: ProgramId;
  /** The statement may still write the referenced table: looked at once more when it is done. */
  readonly deferred: boolean;
}

export type KeyAction = 'no action' | 'cascade' | 'set null' | 'set default';

/** A foreign key of another table that references the one that is written. */
export interface InboundPlan {
  readonly name: string;
  /** Referenced columns of the written table. */
  readonly positions: readonly number[];
  readonly columns: readonly string[];
  readonly childTable: string;
  readonly childTableId: number;
  /** Inputs: the row as it was. Gives the rows that reference it. */
  readonly children: ProgramId;
  /** Inputs: the row as it was. Gives a row when its key is (again) in the written table. */
  readonly present: ProgramId;
  readonly onDelete: KeyAction;
  readonly onUpdate: KeyAction;
  /** Index into `tables`; undefined when no action writes it. */
  readonly child: number | undefined;
  readonly childPositions: readonly number[];
  /** Values of `childPositions` for SET DEFAULT. */
  readonly defaults: ProgramId | undefined;
}

export interface TablePlan {
  readonly id: number;
  readonly name: string;
  readonly sqliteName: string;
  readonly columns: readonly WriteColumn[];
  /** Positions of the primary key. */
  readonly key: readonly number[];
  /** Inputs: a row. Gives the stored computed columns, then each check's outcome. */
  readonly derive: ProgramId | undefined;
  readonly computed: readonly number[];
  readonly checks: readonly { readonly name: string; readonly shown: string }[];
  readonly uniques: readonly UniquePlan[];
  readonly outbound: readonly OutboundPlan[];
  readonly inbound: readonly InboundPlan[];
}

/** A value of VALUES that is known only when the statement runs. */
export interface CellFill {
  readonly row: number;
  readonly column: number;
  readonly slot: ParameterSlot;
}

/** Expressions of VALUES: outputs of one program, by the cells that they go to. */
export interface CellProgram {
  readonly program: ProgramId;
  readonly cells: readonly (readonly [row: number, column: number])[];
}

/** What a statement's own text gives. */
export type BoundInsertSource =
  | {
      readonly kind: 'cells';
      readonly rows: readonly (readonly Repr[])[];
      readonly fills: readonly CellFill[];
      readonly programs: readonly CellProgram[];
    }
  | { readonly kind: 'query'; readonly program: ProgramId };

/** Or rows that come with each run: COPY's batches. */
export type InsertSource = BoundInsertSource | { readonly kind: 'given' };

export interface ConflictPlan {
  /** Indexes into the target's `uniques`. */
  readonly arbiters: readonly number[];
  readonly action: 'nothing' | 'update';
  /** Positions that the conflicting row gets new values at. */
  readonly positions: readonly number[];
  /** Inputs: the row that is there and the proposed one. Undefined for UPSERT: the proposed row's values. */
  readonly values: ProgramId | undefined;
  /** The program's last output says whether to update. */
  readonly hasWhere: boolean;
}

export interface ReturningPlan {
  /** Outputs that are plain columns of the row: no program is run. */
  readonly direct: readonly number[] | undefined;
  readonly program: ProgramId | undefined;
}

interface WriteBase {
  /** The first is the statement's own. */
  readonly tables: readonly TablePlan[];
  readonly returning: ReturningPlan | undefined;
  /** Null: the statement gives no rows. */
  readonly columns: readonly ResultColumn[] | null;
  readonly parameterTypes: readonly SqlType[];
  /** Descriptor ids of the relations that it names. */
  readonly relationIds: readonly number[];
}

export interface InsertPlan extends WriteBase {
  readonly kind: 'insert';
  readonly upsert: boolean;
  readonly source: InsertSource;
  /** Where the source's columns go. */
  readonly positions: readonly number[];
  /** Defaults of columns that the source does not give. */
  readonly defaults: ProgramId | undefined;
  readonly defaultPositions: readonly number[];
  /** Defaults differ from row to row. */
  readonly defaultsVolatile: boolean;
  readonly conflict: ConflictPlan | undefined;
}

/** Sources of UPDATE and DELETE give the row as it is, then the new values, then columns of other tables. */
interface ChangeBase extends WriteBase {
  readonly source: ProgramId;
  /** Other tables may match a row more than once: the first match counts. */
  readonly distinct: boolean;
}

export interface UpdatePlan extends ChangeBase {
  readonly kind: 'update';
  readonly positions: readonly number[];
}

export interface DeletePlan extends ChangeBase {
  readonly kind: 'delete';
}

/** A SELECT whose WITH or brackets change data: its rows are read when the steps are done. */
export interface ReadPlan extends WriteBase {
  readonly kind: 'read';
  readonly source: ProgramId;
}

export type ChangePlan = InsertPlan | UpdatePlan | DeletePlan;

/** What is done before the statement itself: its rows go to a temporary table (`o1`, `o2` …) that the rest reads. */
export interface StepPlan {
  readonly table: string;
  /** Columns of that table; 0: there is none. */
  readonly width: number;
  readonly work:
    | { readonly kind: 'rows'; readonly program: ProgramId }
    | { readonly kind: 'change'; readonly plan: ChangePlan };
}

/** A written table as it was when the statement began, for the parts of the statement that read it. */
export interface SnapshotPlan {
  readonly sqliteName: string;
  /** What programs call it. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the primary key. */
  readonly key: readonly string[];
}

interface Steps {
  readonly steps?: readonly StepPlan[];
  readonly snapshots?: readonly SnapshotPlan[];
}

export type WritePlan = (ChangePlan | ReadPlan) & Steps;

function tablePlans(plan: WritePlan): readonly TablePlan[] {
  const steps = (plan.steps ?? []).flatMap(({ work }) =>
    work.kind === 'change' ? work.plan.tables : [],
  );
  return [...steps, ...plan.tables];
}

/** Descriptor ids of the tables that a statement may write. */
export function writtenTables(plan: WritePlan): number[] {
  return tablePlans(plan).map(({ id }) => id);
}

/** Descriptor ids of the relations that a statement looks at, those of foreign keys among them. */
export function readTables(plan: WritePlan): number[] {
  const keys = tablePlans(plan).flatMap(({ outbound, inbound }) => [
    ...outbound.map(({ referencedTableId }) => referencedTableId),
    ...inbound.map(({ childTableId }) => childTableId),
  ]);
  const steps = (plan.steps ?? []).flatMap(({ work }) =>
    work.kind === 'change' ? work.plan.relationIds : [],
  );
  return [...plan.relationIds, ...steps, ...keys];
}
