import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';

import { CorruptionError } from '../../base/errors';
import { limits } from '../../base/limits';

/**
 * Decodes a protobuf message. Byte fields are views of `bytes`; fields that the schema lacks are
 * kept, so that encoding writes them again.
 * @param file what the bytes were read from, for the error
 * @throws CorruptionError when the bytes are not such a message, or hold a string that is not UTF-8
 */
export function decodeMessage<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  file: string,
): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { recursionLimit: limits.protobufDepthMax });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CorruptionError(file, undefined, `not a ${schema.name} message: ${reason}`, error);
  }
}
