import type { QualifiedName } from './ast';
import type { IndexName, SequenceOption } from './ddl-ast';

/** ALTER of everything but tables' columns and constraints, as the DDL grammar (grammar/alter.ne) gives it. */
export type AlterStatement =
  | AlterTypeStatement
  | AlterSequenceStatement
  | RenameIndexStatement
  | SetSchemaStatement
  | OwnerToStatement
  | AlterRegionsStatement
  | SetLocalityStatement
  | ConfigureZoneStatement;

export type AlterTypeAction =
  | {
      readonly kind: 'addValue';
      readonly label: string;
      readonly ifNotExists: boolean;
      /** `null`: at the end. */
      readonly placement: { readonly before: boolean; readonly label: string } | null;
    }
  | { readonly kind: 'renameValue'; readonly from: string; readonly to: string }
  | { readonly kind: 'dropValue'; readonly label: string };

export interface AlterTypeStatement {
  readonly kind: 'AlterType';
  readonly name: QualifiedName;
  readonly action: AlterTypeAction;
}

export interface AlterSequenceStatement {
  readonly kind: 'AlterSequence';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  /** RESTART without a number has `null`. */
  readonly options: readonly (
    | SequenceOption
    | { readonly kind: 'restart'; readonly value: bigint | null }
  )[];
}

export interface RenameIndexStatement {
  readonly kind: 'RenameIndex';
  readonly index: IndexName;
  readonly ifExists: boolean;
  readonly to: string;
}

/** What lies in a schema and can be moved to another. */
export type MovedObject = 'TABLE' | 'VIEW' | 'MATERIALIZED VIEW' | 'SEQUENCE' | 'TYPE';

export interface SetSchemaStatement {
  readonly kind: 'SetSchema';
  readonly object: MovedObject;
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly schema: string;
}

export interface OwnerToStatement {
  readonly kind: 'OwnerTo';
  readonly object: MovedObject | 'DATABASE' | 'SCHEMA';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  /** `null`: CURRENT_USER. */
  readonly owner: string | null;
}

/** ALTER DATABASE … REGION and SURVIVE. */
export interface AlterRegionsStatement {
  readonly kind: 'AlterRegions';
  readonly database: string;
  readonly action:
    | { readonly kind: 'add'; readonly region: string; readonly ifNotExists: boolean }
    | { readonly kind: 'drop'; readonly region: string; readonly ifExists: boolean }
    | { readonly kind: 'primary'; readonly region: string }
    | { readonly kind: 'survive'; readonly survival: 'zone' | 'region' };
}

/** LOCALITY of a table. */
export type TableLocality =
  | { readonly kind: 'global' }
  /** `null`: the primary region. */
  | { readonly kind: 'table'; readonly region: string | null }
  /** `null`: crdb_region. */
  | { readonly kind: 'row'; readonly column: string | null };

export interface SetLocalityStatement {
  readonly kind: 'SetLocality';
  readonly table: QualifiedName;
  readonly ifExists: boolean;
  readonly locality: TableLocality;
}

/** What a zone configuration can be for. */
export type ZoneTarget =
  | { readonly kind: 'range'; readonly name: string }
  | { readonly kind: 'database'; readonly name: string }
  | { readonly kind: 'table'; readonly name: QualifiedName }
  | { readonly kind: 'index'; readonly index: IndexName }
  | {
      readonly kind: 'partition';
      readonly partition: string;
      readonly table: QualifiedName | null;
      readonly index: IndexName | null;
    };

export interface ZoneSetting {
  readonly name: string;
  /** `null`: COPY FROM PARENT. */
  readonly value: { readonly kind: 'string' | 'int' | 'bool'; readonly text: string } | null;
}

export interface ConfigureZoneStatement {
  readonly kind: 'ConfigureZone';
  readonly target: ZoneTarget;
  readonly action:
    | { readonly kind: 'discard' }
    | { readonly kind: 'default' }
    | { readonly kind: 'set'; readonly settings: readonly ZoneSetting[] };
}
