import type { ZoneTarget } from './alter-ast';
import type { DdlStatement } from './ddl-ast';
import type {
  DefElem,
  DeleteStmt,
  InsertStmt,
  PgNode,
  RangeVar,
  SelectStmt,
  SortBy,
  UpdateStmt,
} from './pg-tree';
import type { PrivilegeStatement } from './privileges-ast';
import type { ScheduleStatement } from './schedules-ast';

/**
 * What a text parses to. CockroachDB's own statements are spelled out here; queries carry PostgreSQL's tree (pg-tree.ts).
 *
 * Every `location` is a 0-based offset in UTF-16 code units into the statement's text as given to `parseStatement`.
 * Names come without quotes, folded to lower case where they were not quoted.
 */
export type Statement =
  | EmptyStatement
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | CopyStatement
  | RestoreStatement
  | BackupStatement
  | ShowBackupStatement
  | ShowBackupsStatement
  | ShowJobsStatement
  | ControlJobsStatement
  | CancelStatement
  | CreateDatabaseStatement
  | DropDatabaseStatement
  | DdlStatement
  | ShowStatement
  | SessionStatement
  | TransactionStatement
  | PreparedStatementStatement
  | ExplainStatement
  | PrivilegeStatement
  | ScheduleStatement
  | SystemWriteStatement
  | FileStatement
  | ExternalConnectionStatement
  | UnsupportedStatement;

/** Nothing but blanks and comments. */
export interface EmptyStatement {
  readonly kind: 'Empty';
}

/** A statement that this program knows by name but does not run: refused with 0A000 and `what`, e.g. `CREATE TABLE`. */
export interface UnsupportedStatement {
  readonly kind: 'Unsupported';
  readonly what: string;
}

/* ---- queries ---- */

/** What CockroachDB adds to a query and PostgreSQL's tree has no place for. */
export interface QueryExtras {
  /** `AS OF SYSTEM TIME`, cut out of the FROM clause; it holds for the whole statement. */
  readonly asOf: AsOfClause | null;
}

export interface SelectStatement extends QueryExtras {
  readonly kind: 'Select';
  readonly tree: SelectStmt;
  /** A statement in its WITH or in brackets changes data: it is run as a write is. */
  readonly changes?: true;
}

export interface InsertStatement extends QueryExtras {
  readonly kind: 'Insert';
  readonly tree: InsertStmt;
  /** `UPSERT INTO`. */
  readonly upsert: boolean;
}

/** `COPY … FROM STDIN`, `COPY … TO STDOUT`. */
export interface CopyStatement {
  readonly kind: 'Copy';
  readonly isFrom: boolean;
  /** `null` when `query` is there. */
  readonly relation: RangeVar | null;
  readonly query: Statement | null;
  readonly columns: readonly string[] | null;
  readonly options: readonly DefElem[];
}

/** `ORDER BY … LIMIT …` of an UPDATE or DELETE, which PostgreSQL does not have. */
export interface MutationLimit {
  readonly sortClause: readonly SortBy[];
  readonly limitCount: PgNode | null;
}

export interface UpdateStatement extends QueryExtras {
  readonly kind: 'Update';
  readonly tree: UpdateStmt;
  readonly limit: MutationLimit | null;
}

/** Tables of the system database that statements may write. */
export type SystemTableName = 'users' | 'role_options' | 'role_members';

/** A change of one of them. */
export interface SystemWriteStatement {
  readonly kind: 'SystemWrite';
  readonly table: SystemTableName;
  readonly change: InsertStatement | UpdateStatement | DeleteStatement;
}

export interface DeleteStatement extends QueryExtras {
  readonly kind: 'Delete';
  readonly tree: DeleteStmt;
  readonly limit: MutationLimit | null;
}

export interface AsOfClause {
  readonly expression: PgNode;
  /** The expression as it was written. */
  readonly text: string;
  readonly location: number;
}

/* ---- pieces ---- */

/** A name of one to four parts. */
export interface QualifiedName {
  readonly parts: readonly string[];
  readonly location: number;
}

/** Where a string constant is wanted and a placeholder will do. */
export type StringOrPlaceholder =
  | { readonly kind: 'string'; readonly value: string; readonly location: number }
  /** `$index`, 1-based. */
  | { readonly kind: 'placeholder'; readonly index: number; readonly location: number };

/** One URI, or one for each locality. */
export type Uris = readonly StringOrPlaceholder[];

/** `name` or `name = value` of a WITH list that the grammar leaves open. */
export interface KeyValueOption {
  readonly name: string;
  readonly value: StringOrPlaceholder | null;
  readonly location: number;
}

/* ---- RESTORE and BACKUP ---- */

/** `a.b`, `a.*`, `a.b.*`, `*`. */
export interface TablePattern {
  /** Without the star. */
  readonly parts: readonly string[];
  readonly star: boolean;
  /** `RESTORE TABLE a.b AS c`: the name to restore under. */
  readonly as: string | null;
  readonly location: number;
}

export type BackupTargets =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'databases'; readonly names: readonly string[] }
  | { readonly kind: 'tables'; readonly patterns: readonly TablePattern[] }
  | { readonly kind: 'systemUsers' }
  | { readonly kind: 'tenant'; readonly id: number };

export type BackupSource =
  /** `FROM 'full' [, 'incremental' …]`: each layer is one URI or one for each locality. */
  | { readonly kind: 'layers'; readonly layers: readonly Uris[] }
  /** `FROM {'subdir' | LATEST} IN 'collection' [, 'incremental' …]`. */
  | {
      readonly kind: 'collection';
      readonly subdirectory: StringOrPlaceholder | 'LATEST';
      readonly collection: Uris;
      readonly incrementals: readonly Uris[];
    };

/** Flags are `false` and values `null` when not given. */
export interface RestoreOptions {
  readonly encryptionPassphrase: StringOrPlaceholder | null;
  readonly kms: Uris | null;
  readonly intoDb: StringOrPlaceholder | null;
  readonly intoSchema: StringOrPlaceholder | null;
  readonly newDbName: StringOrPlaceholder | null;
  readonly debugPauseOn: StringOrPlaceholder | null;
  readonly incrementalLocation: Uris | null;
  readonly skipMissingForeignKeys: boolean;
  readonly skipMissingSequences: boolean;
  readonly skipMissingSequenceOwners: boolean;
  readonly skipMissingViews: boolean;
  readonly skipMissingUdfs: boolean;
  readonly skipLocalitiesCheck: boolean;
  readonly detached: boolean;
  readonly schemaOnly: boolean;
  readonly verifyBackupTableData: boolean;
}

export interface RestoreStatement {
  readonly kind: 'Restore';
  readonly targets: BackupTargets;
  readonly source: BackupSource;
  readonly asOf: AsOfClause | null;
  readonly options: RestoreOptions;
}

export interface BackupOptions {
  readonly encryptionPassphrase: StringOrPlaceholder | null;
  readonly kms: Uris | null;
  readonly incrementalLocation: Uris | null;
  readonly revisionHistory: boolean;
  readonly detached: boolean;
  /** Interleaved tables are to be taken, although later releases won't restore them. */
  readonly includeDeprecatedInterleaves: boolean;
}

export interface BackupStatement {
  readonly kind: 'Backup';
  readonly targets: BackupTargets;
  readonly destination: /** `INTO [{'subdir' | LATEST} IN] 'collection'`; `subdirectory` is `null` for a new full backup. */
    | {
        readonly kind: 'collection';
        readonly subdirectory: StringOrPlaceholder | 'LATEST' | null;
        readonly collection: Uris;
      }
    /** `TO 'uri' [INCREMENTAL FROM 'full' …]`. */
    | {
        readonly kind: 'path';
        readonly to: Uris;
        readonly incrementalFrom: readonly StringOrPlaceholder[];
      };
  readonly asOf: AsOfClause | null;
  readonly options: BackupOptions;
}

/** `SHOW BACKUPS IN 'collection'`. */
export interface ShowBackupsStatement {
  readonly kind: 'ShowBackups';
  readonly collection: Uris;
  readonly options: readonly KeyValueOption[];
}

export interface ShowBackupStatement {
  readonly kind: 'ShowBackup';
  readonly details: 'default' | 'schemas' | 'files' | 'ranges';
  readonly source:
    | { readonly kind: 'path'; readonly path: Uris }
    | {
        readonly kind: 'collection';
        readonly subdirectory: StringOrPlaceholder | 'LATEST';
        readonly collection: Uris;
      };
  /** In the order given; the grammar does not restrict the names. */
  readonly options: readonly KeyValueOption[];
}

/** What `ootheca userfile` and `ootheca nodelocal` send; not in CockroachDB, which uses COPY. */
export type FileStatement =
  | {
      readonly kind: 'FileWrite';
      /** `put` a file at a URL, then its `data` in pieces of base64, then `end`. */
      readonly action: 'put' | 'data' | 'end' | 'delete';
      readonly argument: StringOrPlaceholder | null;
    }
  /** A piece of a file from an offset; without one the names below a URL. */
  | {
      readonly kind: 'FileRead';
      readonly uri: StringOrPlaceholder;
      readonly offset: StringOrPlaceholder | null;
    };

/** Of later versions: locations with names. */
export type ExternalConnectionStatement =
  | {
      readonly kind: 'CreateExternalConnection';
      readonly name: StringOrPlaceholder;
      readonly ifNotExists: boolean;
      readonly uri: StringOrPlaceholder;
    }
  | { readonly kind: 'DropExternalConnection'; readonly name: StringOrPlaceholder }
  | {
      readonly kind: 'ShowExternalConnections';
      readonly name: StringOrPlaceholder | null;
      readonly create: boolean;
    };

/* ---- jobs ---- */

export type JobSelection =
  | { readonly kind: 'id'; readonly expression: PgNode }
  | { readonly kind: 'select'; readonly select: SelectStatement };

export interface ShowJobsStatement {
  readonly kind: 'ShowJobs';
  readonly automatic: boolean;
  /** `WHEN COMPLETE`: waits until the jobs have ended. */
  readonly whenComplete: boolean;
  /** `null`: all. */
  readonly jobs: JobSelection | null;
  /** `jobs` selects schedules whose jobs are meant. */
  readonly forSchedules: boolean;
}

export interface ControlJobsStatement {
  readonly kind: 'ControlJobs';
  readonly command: 'PAUSE' | 'RESUME' | 'CANCEL';
  readonly jobs: JobSelection;
  readonly forSchedules: boolean;
  readonly reason: string | null;
}

/** `CANCEL QUERY 'id'`, `CANCEL SESSIONS SELECT …`. */
export interface CancelStatement {
  readonly kind: 'Cancel';
  readonly what: 'QUERY' | 'SESSION';
  /** The ids: of one expression, or of a query's rows. */
  readonly ids: SelectStatement;
  readonly ifExists: boolean;
}

/* ---- databases ---- */

export interface CreateDatabaseStatement {
  readonly kind: 'CreateDatabase';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly owner: string | null;
  readonly template: string | null;
  readonly encoding: string | null;
  readonly lcCollate: string | null;
  readonly lcCtype: string | null;
  readonly connectionLimit: number | null;
  readonly primaryRegion: string | null;
  readonly regions: readonly string[];
  readonly survive: 'zone' | 'region' | null;
}

export interface DropDatabaseStatement {
  readonly kind: 'DropDatabase';
  readonly name: string;
  readonly ifExists: boolean;
  readonly behavior: 'cascade' | 'restrict' | null;
}

/* ---- SHOW ---- */

export type GrantTargets = {
  readonly kind: 'table' | 'database' | 'schema' | 'type';
  readonly names: readonly TablePattern[];
};

export type ShowStatement =
  | { readonly kind: 'ShowDatabases'; readonly withComment: boolean }
  | { readonly kind: 'ShowSchemas'; readonly database: string | null }
  | {
      readonly kind: 'ShowTables';
      /** `FROM d` or `FROM d.s` or `FROM s`. */
      readonly from: QualifiedName | null;
      readonly withComment: boolean;
    }
  | {
      readonly kind: 'ShowColumns';
      readonly table: QualifiedName;
      readonly withComment: boolean;
    }
  | {
      readonly kind: 'ShowCreate';
      readonly object: 'TABLE' | 'VIEW' | 'SEQUENCE' | 'DATABASE' | null;
      readonly name: QualifiedName;
    }
  | { readonly kind: 'ShowCreateAll'; readonly objects: 'TABLES' | 'SCHEMAS' | 'TYPES' }
  | {
      readonly kind: 'ShowIndexes';
      readonly target:
        | { readonly kind: 'table'; readonly table: QualifiedName }
        | { readonly kind: 'database'; readonly database: string };
      readonly withComment: boolean;
    }
  | { readonly kind: 'ShowConstraints'; readonly table: QualifiedName }
  | { readonly kind: 'ShowSequences'; readonly database: string | null }
  | { readonly kind: 'ShowTypes' }
  | { readonly kind: 'ShowEnums'; readonly from: QualifiedName | null }
  | {
      readonly kind: 'ShowRanges';
      readonly target: 'TABLE' | 'DATABASE' | 'INDEX';
      readonly name: QualifiedName;
      /** Of `FROM INDEX t@i`. */
      readonly index: string | null;
    }
  | { readonly kind: 'ShowZone'; readonly target: ZoneTarget }
  | { readonly kind: 'ShowZones' }
  | { readonly kind: 'ShowUsers' }
  | { readonly kind: 'ShowRoles' }
  | {
      readonly kind: 'ShowGrants';
      readonly on: GrantTargets | null;
      readonly for: readonly string[] | null;
    }
  | { readonly kind: 'ShowClusterSetting'; readonly name: string }
  /** `all`: those that are not public, too. */
  | { readonly kind: 'ShowAllClusterSettings'; readonly all: boolean }
  | { readonly kind: 'ShowVariable'; readonly name: string; readonly location: number }
  | { readonly kind: 'ShowAll' }
  | { readonly kind: 'ShowTransactionStatus' }
  | { readonly kind: 'ShowSavepointStatus' }
  | { readonly kind: 'ShowStatistics'; readonly table: QualifiedName }
  | { readonly kind: 'ShowLive'; readonly what: 'SESSIONS' | 'QUERIES' | 'TRANSACTIONS' }
  | {
      readonly kind: 'ShowPartitions';
      readonly of: 'TABLE' | 'INDEX' | 'DATABASE';
      readonly name: QualifiedName;
    }
  /** `database`: of one, `null` = of the current one. */
  | {
      readonly kind: 'ShowRegions';
      readonly from: 'EVERYWHERE' | 'CLUSTER' | 'DATABASE' | 'ALL';
      readonly database: string | null;
    }
  | { readonly kind: 'ShowSurvivalGoal'; readonly database: string | null }
  | { readonly kind: 'ShowSyntax'; readonly text: string };

/* ---- session settings ---- */

export type SetValue =
  /** A bare word, a string or a number: settings take its text. */
  | { readonly kind: 'text'; readonly text: string; readonly location: number }
  | {
      readonly kind: 'expression';
      readonly expression: PgNode;
      readonly text: string;
      readonly location: number;
    };

export type SessionStatement =
  | {
      readonly kind: 'SetVariable';
      readonly scope: 'session' | 'local';
      readonly name: string;
      /** `null`: DEFAULT. */
      readonly values: readonly SetValue[] | null;
      readonly location: number;
    }
  | {
      readonly kind: 'SetClusterSetting';
      readonly name: string;
      /** `null`: DEFAULT, also of RESET CLUSTER SETTING. */
      readonly value: SetValue | null;
    }
  | { readonly kind: 'ResetVariable'; readonly name: string; readonly location: number }
  | { readonly kind: 'ResetAll' }
  | { readonly kind: 'Use'; readonly database: SetValue }
  | { readonly kind: 'Discard'; readonly what: 'ALL' | 'SEQUENCES' | 'TEMP' | 'PLANS' };

/* ---- transactions ---- */

/** `null`: not given. */
export interface TransactionModes {
  readonly isolation:
    | 'SERIALIZABLE'
    | 'REPEATABLE READ'
    | 'READ COMMITTED'
    | 'READ UNCOMMITTED'
    | 'SNAPSHOT'
    | null;
  readonly priority: 'LOW' | 'NORMAL' | 'HIGH' | null;
  readonly readOnly: boolean | null;
  readonly deferrable: boolean | null;
  readonly asOf: AsOfClause | null;
}

export type TransactionStatement =
  | { readonly kind: 'Begin'; readonly modes: TransactionModes }
  | { readonly kind: 'Commit' }
  | { readonly kind: 'Rollback' }
  | { readonly kind: 'Savepoint'; readonly name: string }
  | { readonly kind: 'ReleaseSavepoint'; readonly name: string }
  | { readonly kind: 'RollbackToSavepoint'; readonly name: string }
  | {
      readonly kind: 'SetTransaction';
      /** `SET SESSION CHARACTERISTICS AS TRANSACTION`: the defaults of later transactions. */
      readonly sessionDefault: boolean;
      readonly modes: TransactionModes;
    };

/* ---- PREPARE, EXPLAIN ---- */

export type PreparedStatementStatement =
  | {
      readonly kind: 'Prepare';
      readonly name: string;
      /** Type names as written. */
      readonly types: readonly string[];
      readonly statement: Statement;
      /** The text of `statement`. */
      readonly sql: string;
    }
  | { readonly kind: 'Execute'; readonly name: string; readonly arguments: readonly PgNode[] }
  /** `name` is `null` for ALL. */
  | { readonly kind: 'Deallocate'; readonly name: string | null };

export interface ExplainStatement {
  readonly kind: 'Explain';
  readonly analyze: boolean;
  /** Upper case, e.g. `VERBOSE`, `TYPES`, `OPT`, `DISTSQL`. */
  readonly options: readonly string[];
  readonly statement: Statement;
}
