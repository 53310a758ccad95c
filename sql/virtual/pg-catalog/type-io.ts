import { TYPE_ROWS } from '../../../catalog/types/table';
import { functionOid } from '../oids';

/**
 * The functions that PostgreSQL reads and writes a type's values with. Nobody can call them here; drivers ask for their names, pgjdbc
 * for `array_in` to tell arrays from other types.
 */

export const IO_KINDS = ['in', 'out', 'recv', 'send'] as const;
export type IoKind = (typeof IO_KINDS)[number];

/** The others are called `int8in`, `textout`. */
const UNDERSCORED: ReadonlySet<string> = new Set(
  (
    'date time timetz timestamp timestamptz interval bit varbit numeric uuid jsonb inet void record anyelement geometry ' +
    'geography box2d array enum'
  ).split(' '),
);

/** @param type `typname` of a scalar, or `array` or `enum` for all of them */
function ioName(type: string, kind: IoKind): string {
  return `${type}${UNDERSCORED.has(type) ? '_' : ''}${kind}`;
}

const signature = (name: string): string => `f ${name}(io,)`;

export const ioFunctionOid = (type: string, kind: IoKind): number =>
  functionOid(signature(ioName(type, kind)));

/** All of them, each once. */
export function ioFunctions(): readonly { readonly oid: number; readonly name: string }[] {
  const types = [...TYPE_ROWS.map(({ typname }) => typname), 'array', 'enum'];
  return types.flatMap((type) =>
    IO_KINDS.map((kind) => ({ oid: ioFunctionOid(type, kind), name: ioName(type, kind) })),
  );
}
