/** Keywords that call a function without parentheses. */
const VALUE_FUNCTIONS: { readonly [op: string]: string } = {
  SVFOP_CURRENT_DATE: 'current_date',
  SVFOP_CURRENT_TIME: 'current_time',
  SVFOP_CURRENT_TIMESTAMP: 'current_timestamp',
  SVFOP_LOCALTIME: 'localtime',
  SVFOP_LOCALTIMESTAMP: 'localtimestamp',
  SVFOP_CURRENT_ROLE: 'current_user',
  SVFOP_CURRENT_USER: 'current_user',
  SVFOP_USER: 'current_user',
  SVFOP_SESSION_USER: 'session_user',
  SVFOP_CURRENT_CATALOG: 'current_database',
  SVFOP_CURRENT_SCHEMA: 'current_schema',
};

export interface ValueFunction {
  readonly name: string;
  /** `current_timestamp(3)`: the keyword is followed by a precision. */
  readonly hasPrecision: boolean;
}

/** How it is written down: to v21.2 and before, which cannot read `session_user()`, SESSION_USER is a call of `current_user`. */
export const writtenName = ({ name }: ValueFunction): string =>
  name === 'session_user' ? 'current_user' : name;

/** The function that a keyword calls; undefined for those that CockroachDB does not have. */
export function valueFunction(op: string): ValueFunction | undefined {
  const hasPrecision = op.endsWith('_N');
  const name = VALUE_FUNCTIONS[hasPrecision ? op.slice(0, -2) : op];
  return name === undefined ? undefined : { name, hasPrecision };
}
