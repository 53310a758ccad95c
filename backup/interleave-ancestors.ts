import type { IndexDescriptor } from '../catalog/descriptor/gen/index_pb';
import type { InterleaveAncestor } from './format/datum/row-decoder';

/** What an index is interleaved in, outermost first. */
export const interleaveAncestors = ({ interleave }: IndexDescriptor): InterleaveAncestor[] =>
  (interleave?.ancestors ?? []).map(({ tableId, indexId, sharedPrefixLen }) => ({
    tableId,
    indexId,
    sharedPrefixLength: sharedPrefixLen,
  }));
