import type {
  CodeOnlyCommand,
  CopyFail,
  CopyFromChunk,
  Execute,
  Parse,
  PortalOp,
  Query,
} from 'pg-server/protocol/commands';
import type { FormatCode } from '../../sql/engine';

/** Type bytes that pg-server's `CommandCode` lacks. */
export const FUNCTION_CALL = 0x46; // 'F'

/** A startup packet of protocol 3. */
export interface StartupMessage {
  readonly type: 'startup';
  readonly minorVersion: number;
  /** As sent; the last one wins when a name repeats. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** SSLRequest or GSSENCRequest: one byte of answer, then the startup goes on. */
export interface EncryptionRequest {
  readonly type: 'encryptionRequest';
  readonly kind: 'ssl' | 'gss';
}

export interface CancelRequest {
  readonly type: 'cancelRequest';
  readonly processId: number;
  readonly secretKey: number;
}

/** pg-server's `Bind` decodes text, keeps one result format and misreads binary NULLs; this one keeps what was sent. */
export interface BindMessage {
  readonly type: 'bind';
  readonly portal: string;
  readonly statement: string;
  readonly parameterFormats: readonly FormatCode[];
  /** Raw bytes in fresh memory; `null` = SQL NULL. */
  readonly parameters: readonly (Uint8Array | null)[];
  readonly resultFormats: readonly FormatCode[];
}

/** PasswordMessage, SASLInitialResponse or SASLResponse: which one depends on what was asked. */
export interface PasswordMessage {
  readonly type: 'password';
  readonly data: Uint8Array;
}

export interface FunctionCallMessage {
  readonly type: 'functionCall';
}

export type FrontendMessage =
  | StartupMessage
  | EncryptionRequest
  | CancelRequest
  | BindMessage
  | PasswordMessage
  | FunctionCallMessage
  | Parse
  | PortalOp
  | Execute
  | Query
  | CodeOnlyCommand
  | CopyFail
  | CopyFromChunk;
