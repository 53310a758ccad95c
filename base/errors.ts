/**
 * The three families of errors.
 *
 * - `SqlError`: what the user did or asked for; carries an SQLSTATE and goes to the client as it is.
 * - `CorruptionError`: bytes that are not what they should be; names the file and the offset.
 * - `invariant()` (invariant.ts): our own bugs.
 */

/** SQLSTATEs by name. Source: PostgreSQL's errcodes table and CockroachDB's additions. */
export const SQLSTATE = {
  successfulCompletion: '00000',
  warning: '01000',
  protocolViolation: '08P01',
  connectionFailure: '08006',
  featureNotSupported: '0A000',
  cardinalityViolation: '21000',
  dataException: '22000',
  stringDataRightTruncation: '22001',
  stringDataLengthMismatch: '22026',
  numericValueOutOfRange: '22003',
  nullValueNotAllowed: '22004',
  invalidDatetimeFormat: '22007',
  datetimeFieldOverflow: '22008',
  divisionByZero: '22012',
  invalidPrecedingOrFollowingSize: '22013',
  invalidArgumentForNtile: '22014',
  invalidArgumentForNthValue: '22016',
  invalidParameterValue: '22023',
  invalidTextRepresentation: '22P02',
  invalidBinaryRepresentation: '22P03',
  badCopyFileFormat: '22P04',
  characterNotInRepertoire: '22021',
  invalidEscapeSequence: '22025',
  invalidRegularExpression: '2201B',
  invalidRowCountInLimitClause: '2201W',
  invalidRowCountInResultOffsetClause: '2201X',
  arraySubscriptError: '2202E',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  invalidTransactionState: '25000',
  activeSqlTransaction: '25001',
  readOnlySqlTransaction: '25006',
  noActiveSqlTransaction: '25P01',
  inFailedSqlTransaction: '25P02',
  idleInTransactionSessionTimeout: '25P03',
  invalidSqlStatementName: '26000',
  invalidAuthorizationSpecification: '28000',
  invalidPassword: '28P01',
  dependentObjectsStillExist: '2BP01',
  invalidCursorName: '34000',
  invalidSavepointSpecification: '3B001',
  invalidCatalogName: '3D000',
  invalidSchemaName: '3F000',
  serializationFailure: '40001',
  syntaxError: '42601',
  generatedAlways: '428C9',
  insufficientPrivilege: '42501',
  cannotCoerce: '42846',
  groupingError: '42803',
  windowingError: '42P20',
  invalidForeignKey: '42830',
  invalidName: '42602',
  reservedName: '42939',
  invalidGrantOperation: '0LP01',
  nameTooLong: '42622',
  datatypeMismatch: '42804',
  indeterminateDatatype: '42P18',
  wrongObjectType: '42809',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
  undefinedTable: '42P01',
  undefinedParameter: '42P02',
  undefinedObject: '42704',
  duplicateColumn: '42701',
  duplicateCursor: '42P03',
  duplicateDatabase: '42P04',
  duplicatePreparedStatement: '42P05',
  invalidPreparedStatementDefinition: '42P14',
  duplicateSchema: '42P06',
  duplicateRelation: '42P07',
  duplicateAlias: '42712',
  duplicateObject: '42710',
  ambiguousColumn: '42702',
  ambiguousFunction: '42725',
  invalidColumnReference: '42P10',
  invalidFunctionDefinition: '42P13',
  invalidColumnDefinition: '42611',
  invalidDatabaseDefinition: '42P12',
  invalidSchemaDefinition: '42P15',
  invalidTableDefinition: '42P16',
  invalidObjectDefinition: '42P17',
  insufficientResources: '53000',
  diskFull: '53100',
  outOfMemory: '53200',
  tooManyConnections: '53300',
  programLimitExceeded: '54000',
  statementTooComplex: '54001',
  objectNotInPrerequisiteState: '55000',
  objectInUse: '55006',
  cantChangeRuntimeParam: '55P02',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  operatorIntervention: '57000',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  idleSessionTimeout: '57P05',
  configFileError: 'F0000',
  systemError: '58000',
  snapshotTooOld: '72000',
  ioError: '58030',
  undefinedFile: '58P01',
  duplicateFile: '58P02',
  internalError: 'XX000',
  dataCorrupted: 'XX001',
  experimentalFeature: 'XXC02',
} as const;

export type SqlStateName = keyof typeof SQLSTATE;

export interface SqlErrorOptions {
  readonly detail?: string;
  readonly hint?: string;
  /** 1-based offset in characters (not bytes) into the statement's text. */
  readonly position?: number;
  readonly constraint?: string;
  /** What was being read: `COPY t, line 3`. Clients show it as CONTEXT. */
  readonly context?: string;
  readonly cause?: unknown;
  /** It may go away by itself, as a storage that does not answer does: a job is tried again later. */
  readonly transient?: boolean;
}

/** An error for the client. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly sqlstate: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  readonly constraint: string | undefined;
  readonly transient: boolean;
  readonly context: string | undefined;

  constructor(code: SqlStateName, message: string, options: SqlErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.sqlstate = SQLSTATE[code];
    this.detail = options.detail;
    this.hint = options.hint;
    this.position = options.position;
    this.constraint = options.constraint;
    this.transient = options.transient ?? false;
    this.context = options.context;
  }

  private get stateName(): SqlStateName {
    const name = Object.entries(SQLSTATE).find(([, code]) => code === this.sqlstate)?.[0];
    return (name ?? 'internalError') as SqlStateName;
  }

  /** The same error with other words: what was being done is put before what went wrong. */
  withMessage(message: string): SqlError {
    return new SqlError(this.stateName, message, {
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      transient: this.transient,
      cause: this,
    });
  }

  /** The same error, saying what was being read; one that says so already stays as it is. */
  inContext(context: string): SqlError {
    if (this.context !== undefined) return this;
    const { detail, hint, constraint } = this;
    return new SqlError(this.stateName, this.message, {
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      ...(constraint === undefined ? {} : { constraint }),
      context,
      cause: this,
    });
  }
}

/** What is not built yet, or can't be done exactly: 0A000 with what to do instead. */
export function notSupported(what: string, hint?: string): SqlError {
  return new SqlError(
    'featureNotSupported',
    `${what} is not supported`,
    hint === undefined ? {} : { hint },
  );
}

/** Bytes that are not what the format says. The file name has its secrets redacted by whoever opens the file. */
export class CorruptionError extends Error {
  override readonly name = 'CorruptionError';
  /** Byte offset into `file`, when known. */
  readonly offset: number | undefined;
  readonly file: string;
  /** The message without file and offset. */
  readonly reason: string;

  constructor(file: string, offset: number | undefined, message: string, cause?: unknown) {
    super(
      `${file}${offset === undefined ? '' : ` at offset ${offset}`}: ${message}`,
      cause === undefined ? undefined : { cause },
    );
    this.file = file;
    this.offset = offset;
    this.reason = message;
  }
}
