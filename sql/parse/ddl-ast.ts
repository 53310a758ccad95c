import type { AlterStatement, MovedObject, TableLocality } from './alter-ast';
import type { QualifiedName } from './ast';
import type { PgNode, SelectStmt, TypeName } from './pg-tree';

/** Statements that change the schema, as the DDL grammar (grammar/ddl.ne) gives them. */
export type DdlStatement =
  | CreateTableStatement
  | CreateTableAsStatement
  | TruncateStatement
  | CreateExtensionStatement
  | RefreshViewStatement
  | CreateIndexStatement
  | CreateViewStatement
  | CreateSequenceStatement
  | CreateTypeStatement
  | CreateSchemaStatement
  | DropObjectsStatement
  | DropIndexStatement
  | AlterTableStatement
  | AlterStatement
  | RenameObjectStatement
  | CommentOnStatement;

/** An expression of a definition. */
export interface DefinitionExpr {
  readonly node: PgNode;
  /** As it was written. */
  readonly text: string;
}

export type ReferenceAction = 'NO ACTION' | 'RESTRICT' | 'SET NULL' | 'SET DEFAULT' | 'CASCADE';

export interface References {
  readonly table: QualifiedName;
  /** Empty: the primary key. */
  readonly columns: readonly string[];
  readonly match: 'SIMPLE' | 'FULL' | 'PARTIAL';
  readonly onDelete: ReferenceAction;
  readonly onUpdate: ReferenceAction;
  /** DEFERRABLE and its kind: known and not done. */
  readonly unsupported: string | null;
}

export type ColumnQualification =
  | { readonly kind: 'nullable'; readonly nullable: boolean }
  | { readonly kind: 'default'; readonly expr: DefinitionExpr }
  /** `hash`: buckets of USING HASH, 0 when not given; `null` without USING HASH. */
  | { readonly kind: 'primaryKey'; readonly hash: number | null }
  | { readonly kind: 'unique'; readonly withoutIndex: boolean }
  | { readonly kind: 'check'; readonly expr: DefinitionExpr }
  | { readonly kind: 'references'; readonly references: References }
  | { readonly kind: 'collate'; readonly locale: string }
  | {
      readonly kind: 'family';
      readonly family: string | null;
      readonly create: boolean;
      readonly ifNotExists: boolean;
    }
  | { readonly kind: 'computed'; readonly expr: DefinitionExpr; readonly virtual: boolean }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'onUpdate'; readonly expr: DefinitionExpr }
  | {
      readonly kind: 'identity';
      readonly always: boolean;
      readonly options: readonly SequenceOption[];
    }
  /** Known and not done, by name. */
  | { readonly kind: 'unsupported'; readonly what: string };

export interface NamedQualification {
  /** `CONSTRAINT name` before it. */
  readonly name: string | null;
  readonly qualification: ColumnQualification;
}

export interface ColumnDefinition {
  readonly kind: 'column';
  readonly name: string;
  readonly type: TypeName;
  readonly qualifications: readonly NamedQualification[];
}

export interface IndexColumn {
  /** `null`: an expression. */
  readonly name: string | null;
  readonly expr: DefinitionExpr | null;
  /** `gin_trgm_ops` and the like. */
  readonly operatorClass: string | null;
  readonly descending: boolean;
}

/** One of `WITH (fillfactor = 70)`. */
export interface StorageParameter {
  readonly name: string;
  /** As SQL prints it; `null` when none was given. */
  readonly value: string | null;
}

export interface IndexBody {
  readonly columns: readonly IndexColumn[];
  /** `USING …`, lower case. */
  readonly method: string | null;
  readonly storing: readonly string[];
  readonly where: DefinitionExpr | null;
  /** Of USING HASH: 0 when not given; undefined without USING HASH. */
  readonly buckets?: number;
  readonly parameters?: readonly StorageParameter[];
  /** PARTITION BY, INTERLEAVE: known and not done. */
  readonly unsupported: string | null;
}

export interface IndexDefinition {
  readonly kind: 'index';
  readonly name: string | null;
  readonly unique: boolean;
  readonly inverted: boolean;
  readonly body: IndexBody;
}

export type ConstraintBody =
  | { readonly kind: 'primaryKey'; readonly body: IndexBody }
  | { readonly kind: 'unique'; readonly body: IndexBody; readonly withoutIndex: boolean }
  | { readonly kind: 'check'; readonly expr: DefinitionExpr }
  | {
      readonly kind: 'foreignKey';
      readonly columns: readonly string[];
      readonly references: References;
    };

export interface ConstraintDefinition {
  readonly kind: 'constraint';
  readonly name: string | null;
  readonly constraint: ConstraintBody;
}

export interface FamilyDefinition {
  readonly kind: 'family';
  readonly name: string | null;
  readonly columns: readonly string[];
}

export type TableElement =
  | ColumnDefinition
  | IndexDefinition
  | ConstraintDefinition
  | FamilyDefinition
  | LikeElement;

/** `LIKE t INCLUDING INDEXES`. */
export interface LikeElement {
  readonly kind: 'like';
  readonly table: QualifiedName;
  /** In the order given; `what` is lower case. */
  readonly options: readonly { readonly include: boolean; readonly what: string }[];
}

export interface CreateTableStatement {
  readonly kind: 'CreateTable';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly elements: readonly TableElement[];
  readonly parameters: readonly StorageParameter[];
  /** ON COMMIT PRESERVE ROWS was said. */
  readonly onCommit: boolean;
  readonly locality: TableLocality | null;
  /** What follows the elements: known and not done. */
  readonly unsupported: string | null;
}

export type TableAsElement =
  | { readonly kind: 'asColumn'; readonly name: string; readonly primaryKey: boolean }
  | { readonly kind: 'asKey'; readonly name: string | null; readonly columns: readonly string[] }
  | FamilyDefinition;

/** CREATE TABLE … AS query. */
export interface CreateTableAsStatement {
  readonly kind: 'CreateTableAs';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly temporary: boolean;
  readonly elements: readonly TableAsElement[];
  readonly query: SelectStmt;
  /** The query as it was written. */
  readonly text: string;
  readonly unsupported: string | null;
}

export interface CreateExtensionStatement {
  readonly kind: 'CreateExtension';
  readonly name: string;
  readonly ifNotExists: boolean;
}

export interface TruncateStatement {
  readonly kind: 'Truncate';
  readonly tables: readonly QualifiedName[];
  readonly behavior: DropBehavior;
}

export interface RefreshViewStatement {
  readonly kind: 'RefreshView';
  readonly name: QualifiedName;
  readonly concurrently: boolean;
  readonly withData: boolean;
}

export interface CreateIndexStatement {
  readonly kind: 'CreateIndex';
  readonly table: QualifiedName;
  readonly ifNotExists: boolean;
  readonly index: IndexDefinition;
}

export interface CreateViewStatement {
  readonly kind: 'CreateView';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  /** Empty: the query's own. */
  readonly columns: readonly string[];
  readonly query: SelectStmt;
  /** The query as it was written. */
  readonly text: string;
  readonly replace: boolean;
  readonly temporary: boolean;
  readonly materialized: boolean;
  readonly withData: boolean;
}

export type SequenceOption =
  | {
      readonly kind: 'increment' | 'minValue' | 'maxValue' | 'start' | 'cache';
      readonly value: bigint;
    }
  | { readonly kind: 'noMinValue' | 'noMaxValue' | 'noCycle' | 'noOwner' | 'virtual' }
  | { readonly kind: 'owner'; readonly column: QualifiedName }
  | { readonly kind: 'as'; readonly type: string }
  /** SEQUENCE NAME, of an identity column only. */
  | { readonly kind: 'name'; readonly name: QualifiedName }
  | { readonly kind: 'unsupported'; readonly what: string };

export interface CreateSequenceStatement {
  readonly kind: 'CreateSequence';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly options: readonly SequenceOption[];
  readonly temporary: boolean;
}

export interface CreateTypeStatement {
  readonly kind: 'CreateType';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly labels: readonly string[];
}

export interface CreateSchemaStatement {
  readonly kind: 'CreateSchema';
  readonly name: QualifiedName | null;
  readonly ifNotExists: boolean;
  readonly owner: string | null;
}

export type DropBehavior = 'cascade' | 'restrict' | null;

export interface DropObjectsStatement {
  readonly kind: 'DropObjects';
  readonly object: 'TABLE' | 'VIEW' | 'MATERIALIZED VIEW' | 'SEQUENCE' | 'TYPE' | 'SCHEMA';
  readonly names: readonly QualifiedName[];
  readonly ifExists: boolean;
  readonly behavior: DropBehavior;
}

/** `t@i`, or an index by its name alone. */
export interface IndexName {
  readonly table: QualifiedName | null;
  readonly index: string;
}

export interface DropIndexStatement {
  readonly kind: 'DropIndex';
  readonly indexes: readonly IndexName[];
  readonly ifExists: boolean;
  readonly behavior: DropBehavior;
}

export type AlterTableCommand =
  | {
      readonly kind: 'addColumn';
      readonly column: ColumnDefinition;
      readonly ifNotExists: boolean;
    }
  | {
      readonly kind: 'dropColumn';
      readonly column: string;
      readonly ifExists: boolean;
      readonly behavior: DropBehavior;
    }
  /** `null`: DROP DEFAULT. */
  | { readonly kind: 'setDefault'; readonly column: string; readonly expr: DefinitionExpr | null }
  /** `null`: DROP ON UPDATE. */
  | { readonly kind: 'setOnUpdate'; readonly column: string; readonly expr: DefinitionExpr | null }
  | { readonly kind: 'setNotNull'; readonly column: string; readonly notNull: boolean }
  | { readonly kind: 'setVisible'; readonly column: string; readonly visible: boolean }
  | { readonly kind: 'dropStored'; readonly column: string }
  | {
      readonly kind: 'alterColumnType';
      readonly column: string;
      readonly type: TypeName;
      readonly collate: string | null;
      readonly using: DefinitionExpr | null;
    }
  | { readonly kind: 'alterPrimaryKey'; readonly body: IndexBody }
  | { readonly kind: 'validateConstraint'; readonly name: string }
  | {
      readonly kind: 'setStorage';
      readonly parameters: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly kind: 'resetStorage'; readonly names: readonly string[] }
  | {
      readonly kind: 'addConstraint';
      readonly constraint: ConstraintDefinition;
      readonly notValid: boolean;
      readonly ifNotExists: boolean;
    }
  | {
      readonly kind: 'dropConstraint';
      readonly name: string;
      readonly ifExists: boolean;
      readonly behavior: DropBehavior;
    }
  | { readonly kind: 'renameColumn'; readonly from: string; readonly to: string }
  | { readonly kind: 'renameConstraint'; readonly from: string; readonly to: string }
  | { readonly kind: 'unsupported'; readonly what: string };

export interface AlterTableStatement {
  readonly kind: 'AlterTable';
  readonly table: QualifiedName;
  readonly ifExists: boolean;
  readonly commands: readonly AlterTableCommand[];
}

export interface RenameObjectStatement {
  readonly kind: 'RenameObject';
  readonly object: MovedObject | 'DATABASE' | 'SCHEMA';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly to: QualifiedName;
}

export interface CommentOnStatement {
  readonly kind: 'CommentOn';
  readonly object: 'DATABASE' | 'TABLE' | 'COLUMN' | 'INDEX';
  /** Of a column: the column is the last part; of an index: the table, when it is named. */
  readonly name: QualifiedName;
  /** Of INDEX. */
  readonly index: string | null;
  /** `null` removes it. */
  readonly comment: string | null;
}
