/** Every bound of the program, in one place. Bytes and counts, as their names say. */
export const limits = {
  /** One message of the wire protocol. */
  messageBytesMax: 64 << 20,
  /** A startup packet; PostgreSQL's own limit. */
  startupPacketBytesMax: 10_000,
  /** Nesting of expressions in one statement. */
  sqlDepthMax: 1_000,
  /** Text of one statement. */
  sqlTextBytesMax: 32 << 20,
  portalsPerSessionMax: 1_024,
  preparedStatementsPerSessionMax: 4_096,
  connectionsMax: 500,
  /** A block of an SSTable, after decompression. */
  blockBytesMax: 256 << 20,
  /** A manifest, after decompression. */
  manifestBytesMax: 1 << 30,
  /** Nesting of JSON values. */
  jsonDepthMax: 1_000,
  /** Rows sent from a query thread to the server in one message. */
  rowBatchBytesMax: 256 << 10,
  /** Uncompressed backup bytes that one range aims at. */
  rangeBytesTarget: 16 << 20,
} as const;
