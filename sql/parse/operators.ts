/**
 * Precedence of the operators that PostgreSQL puts on one level.
 *
 * PostgreSQL's grammar knows levels for comparisons, `+ -`, `* / %` and `^`; every other operator is on a single left-associative
 * level between comparisons and `+`. CockroachDB spreads those over eight levels, so `1 | 2 & 4` and `a ~ b || c` group
 * differently. to-postgres.ts notes which bracket each such operator stands in; fix-tree.ts regroups the chains.
 * Source: the precedence table of CockroachDB v21.2's SQL grammar.
 */
const LEVELS: readonly (readonly string[])[] = [
  ['~', '!~', '~*', '!~*', '~~', '!~~', '~~*', '!~~*'],
  ['@>', '<@', '?', '?|', '?&'],
  ['||', '->', '->>', '#>', '#>>', '#-'],
  ['|'],
  ['#'],
  ['&'],
  ['<<', '>>', '<<=', '>>=', '&&'],
];

const LEVEL_BY_OPERATOR = new Map(
  LEVELS.flatMap((operators, level) => operators.map((name) => [name, level] as const)),
);

/** Operators without a level of their own are PostgreSQL's only; the binder refuses them by name. */
const LEVEL_OF_OTHERS = 2;
/** Up to here `a op b op c` is a syntax error. */
const LEVEL_NON_ASSOCIATIVE_MAX = 1;

/** Operators that both grammars rank alike, or that are no binary operators. */
const RANKED_ALIKE = new Set(
  ['+', '-', '*', '/', '%', '^', '<', '>', '=', '<=', '>=', '<>', '!='].concat('//', '::', ':::'),
);

export function isRegrouped(operator: string): boolean {
  return !RANKED_ALIKE.has(operator);
}

function levelOf(operator: string): number {
  return LEVEL_BY_OPERATOR.get(operator) ?? LEVEL_OF_OTHERS;
}

/**
 * Groups `operands[0] operators[0] operands[1] …` by CockroachDB's precedence.
 * @param combine makes the node of operator `index`
 * @param conflict is told of a second non-associative operator on the same level; it must throw
 */
export function groupChain<T>(
  operands: readonly T[],
  operators: readonly string[],
  combine: (index: number, left: T, right: T) => T,
  conflict: (index: number) => never,
): T {
  const output: T[] = [];
  const pending: number[] = [];
  const reduce = (): void => {
    const index = pending.pop();
    const right = output.pop();
    const left = output.pop();
    if (index === undefined || right === undefined || left === undefined) return;
    output.push(combine(index, left, right));
  };
  operands.forEach((operand, i) => {
    output.push(operand);
    const operator = operators[i];
    if (operator === undefined) return;
    const level = levelOf(operator);
    for (;;) {
      const top = pending.at(-1);
      const topLevel = top === undefined ? -1 : levelOf(operators[top] ?? '');
      if (topLevel < level) break;
      if (topLevel === level && level <= LEVEL_NON_ASSOCIATIVE_MAX) conflict(i);
      reduce();
    }
    pending.push(i);
  });
  while (pending.length > 0) reduce();
  return output[0] as T;
}
