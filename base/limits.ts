/** Every bound of the program, in one place. Bytes and counts, as their names say. */
export const limits = {
  /** One message of the wire protocol. */
  messageBytesMax: 64 << 20,
  /** A startup packet; PostgreSQL's own limit. */
  startupPacketBytesMax: 10_000,
  /** Nesting of expressions in one statement. */
  sqlDepthMax: 1_000,
  /** Names that PREPARE gave in one session. */
  sqlPreparedStatementsMax: 10_000,
  /** Text of one statement. */
  sqlTextBytesMax: 32 << 20,
  /** Tokens of one query: PostgreSQL's parser needs some 250 bytes for each, of at most 512 MiB. */
  queryTokensMax: 1_000_000,
  /** Tokens of one statement that the grammar parses, sub-queries and expressions counted as one. */
  grammarTokensMax: 10_000,
  /** Statements inside statements: EXPLAIN, PREPARE, `[SHOW …]` as a table. */
  statementNestingMax: 16,
  portalsPerSessionMax: 1_024,
  preparedStatementsPerSessionMax: 4_096,
  connectionsMax: 500,
  /** Runs of a job that fail for a reason that may go away, one after the other, before the job fails. */
  jobRetriesMax: 5,
  /** What SHOW JOBS remembers of runs that failed; CockroachDB's own bounds. */
  jobExecutionErrorsMax: 3,
  jobExecutionErrorCharactersMax: 64 << 10,
  /** Texts of prepared statements and parameters of portals that one session keeps, together. */
  sessionRetainedBytesMax: 256 << 20,
  /** Bytes a connection reads ahead while a statement runs; then its socket is paused. */
  inputAheadBytesMax: 128 << 10,
  /** Bytes of finished messages that wait for their flush. */
  outputPendingBytesMax: 64 << 10,
  /** From accept to the end of logging in. */
  startupTimeoutMs: 60_000,
  /** How long running statements may go on after SIGTERM. */
  drainTimeoutMs: 5_000,
  /** A block of an SSTable, after decompression. */
  blockBytesMax: 256 << 20,
  /** A manifest, after decompression. */
  manifestBytesMax: 1 << 30,
  /** A small file beside a manifest: LATEST, ENCRYPTION-INFO, a checksum. */
  smallFileBytesMax: 1 << 20,
  /** Entries of an SSTable's index, all partitions. */
  tableBlocksMax: 4 << 20,
  /** Adjacent data blocks are read from storage in pieces of about this size. */
  readBytesTarget: 2 << 20,
  /** Nesting of protobuf messages. */
  protobufDepthMax: 100,
  /** Files below a collection that are looked at when backups are listed. */
  listedFilesMax: 5_000_000,
  /** Of ±d.ddd × 10^exponent in a DECIMAL literal; CockroachDB's own limit. */
  decimalExponentMax: 2_000,
  /** A location's URL; a session token or a key file in base64 is a few KiB. */
  locationBytesMax: 64 << 10,
  /** One read of an external file. */
  externalReadBytesMax: 1 << 30,
  /** One part of an object that is uploaded; a multiple of 256 KiB, for Google Cloud Storage. */
  uploadPartBytes: 8 << 20,
  /** A file for a storage that takes no parts: it is held in memory. */
  unpartedUploadBytesMax: 256 << 20,
  /** Redirects that one HTTP request follows. */
  redirectsMax: 10,
  /** Nesting of directories that a listing follows. */
  directoryDepthMax: 100,
  /** Nesting of JSON values. */
  jsonDepthMax: 1_000,
  /** Of a number in a JSON text, 10^±this. */
  jsonExponentMax: 100_000,
  /** Of a stored decimal's coefficient: 157,000 digits. */
  decimalCoefficientBytesMax: 64 << 10,
  /** Of a stored decimal's exponent, 10^±this; beyond it are only damaged bytes. */
  decimalStoredExponentMax: 100_000,
  /** Query threads; more than the two that are always there run only while all of them are busy. */
  queryThreadsMax: 8,
  /** As many more when all of them are at long queries. */
  queryThreadsBesideLongMax: 8,
  /** Open cursors and transactions of one query thread: each has a connection to the store. */
  queryConnectionsPerThreadMax: 256,
  /** Blocks that read in the main thread at a time: each has a connection to the store. */
  inlineBlocksMax: 32,
  /** Answers of a block that are kept, to see whether they would still be given. */
  blockReadsMax: 32,
  blockReadBytesMax: 64 << 10,
  /** Values of a suspended cursor that are kept in memory when its connection is needed for something else. */
  detachedValuesMax: 1_000_000,
  /** Values of rows that a running write keeps in memory; more go to a temporary table. */
  spooledValuesMax: 200_000,
  /** Writes that a query thread knows by number. */
  writePlansPerThreadMax: 256,
  /** Rows that foreign key actions of one statement may still have to look at. */
  cascadesPendingMax: 1_000_000,
  /** Tables that were dropped or replaced and are kept for readers of the past; of more, the oldest go before their time. */
  retiredTablesMax: 500,
  /** Rows sent from a query thread to the server in one message. */
  rowBatchBytesMax: 256 << 10,
  /** Bytes of COPY's input whose rows are written together. */
  copyBatchBytesTarget: 256 << 10,
  /** Rows, and characters of values, that `ootheca sql` holds to align a table. */
  tableRowsHeldMax: 10_000,
  tableCharactersHeldMax: 8 << 20,
  /** Uncompressed backup bytes that one range aims at. */
  rangeBytesTarget: 8 << 20,
} as const;
