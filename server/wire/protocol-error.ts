/**
 * Bytes that break the protocol: the stream can't be trusted any more, so the client gets FATAL 08P01 and the connection
 * closes. What a client merely asks wrongly is a `SqlError`, and the connection lives on.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The socket closed under us; there is nobody left to tell. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}
