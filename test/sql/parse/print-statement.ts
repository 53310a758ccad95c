import type { Statement } from '../../../sql/parse/ast';

/**
 * Statements as short text for golden files: what is null, false, empty or a location is left out, expressions are prefix notation.
 */
export function printStatement(statement: Statement): string {
  return print(statement as unknown as Json, '');
}

export function printNode(node: unknown): string {
  return value(node, '');
}

interface Json {
  [key: string]: unknown;
}

const OMITTED = new Set(['location', 'inh', 'relpersistence', 'limitOption', 'op', 'override']);

function isOmitted(key: string, item: unknown): boolean {
  if (key === 'op') return item === 'SETOP_NONE';
  return (
    OMITTED.has(key) ||
    item === null ||
    item === false ||
    item === 'COERCE_EXPLICIT_CALL' ||
    (key === 'typemod' && item === -1) ||
    /_(start|end)$/.test(key) ||
    (Array.isArray(item) && item.length === 0)
  );
}

function print(object: Json, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(object)
    .filter(([key, item]) => key !== 'kind' && !isOmitted(key, item))
    .map(([key, item]) => `\n${inner}${key}: ${value(item, inner)}`);
  const kind = typeof object['kind'] === 'string' ? object['kind'] : '';
  return `${kind}${lines.join('')}`;
}

function value(item: unknown, indent: string): string {
  if (Array.isArray(item)) return `[${item.map((each) => value(each, indent)).join(', ')}]`;
  if (!isJson(item)) return typeof item === 'string' ? item : JSON.stringify(item);
  if (item['kind'] === 'string') return `'${item['value']}'`;
  if (item['kind'] === 'placeholder') return `$${item['index']}`;
  if (Array.isArray(item['parts']) && 'star' in item) return pattern(item);
  if (Array.isArray(item['parts'])) return item['parts'].join('.');
  const [only] = Object.keys(item);
  const node = only === undefined ? undefined : NODES[only];
  if (node !== undefined && only !== undefined) return node(item[only] as Json, indent);
  if ('kind' in item || indent.length < 8) {
    const text = print(item, indent);
    return text.includes('\n') ? text : `{${text}}`;
  }
  return JSON.stringify(item);
}

function pattern(item: Json): string {
  const parts = (item['parts'] as string[]).concat(item['star'] === true ? '*' : []).join('.');
  return item['as'] === null ? parts : `${parts} AS ${item['as']}`;
}

function isJson(item: unknown): item is Json {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function names(list: unknown): string {
  return (list as unknown[]).map((each) => value(each, '')).join('.');
}

const NODES: Record<string, (node: Json, indent: string) => string> = {
  String: (node) => String(node['sval'] ?? ''),
  Integer: (node) => String(node['ival'] ?? 0),
  ResTarget: (node) =>
    [node['name'], node['val'] === undefined ? undefined : value(node['val'], '')]
      .filter((part) => part !== undefined)
      .join(' := '),
  ColumnRef: (node) => names(node['fields']),
  A_Star: () => '*',
  ParamRef: (node) => `$${node['number']}`,
  A_Const: (node) => {
    for (const field of ['ival', 'fval', 'boolval', 'bsval', 'sval']) {
      const constant = node[field];
      if (!isJson(constant)) continue;
      const inner = constant[field];
      if (field === 'sval') return `'${String(inner ?? '').replaceAll('\0', '\\0')}'`;
      return String(inner ?? (field === 'boolval' ? false : 0));
    }
    return 'NULL';
  },
  A_Expr: (node) => {
    const kind = node['kind'] === 'AEXPR_OP' ? '' : `${String(node['kind']).slice(6)} `;
    const operands = [node['lexpr'], node['rexpr']].filter((each) => each !== undefined);
    return `(${kind}${names(node['name'])} ${operands.map((each) => value(each, '')).join(' ')})`;
  },
  BoolExpr: (node) =>
    `(${String(node['boolop']).replace('_EXPR', '')} ${(node['args'] as unknown[]).map((each) => value(each, '')).join(' ')})`,
  FuncCall: (node) =>
    `${names(node['funcname'])}(${node['agg_star'] === true ? '*' : value(node['args'] ?? [], '').slice(1, -1)})`,
  TypeCast: (node) =>
    `${value(node['arg'], '')}${node['annotation'] === true ? ':::' : '::'}${type(node['typeName'] as Json)}`,
  RangeVar: (node) => table(node),
  List: (node) => value(node['items'] ?? [], ''),
};

function type(node: Json): string {
  if (node['oidReference'] !== undefined) return `@${node['oidReference']}`;
  const modifiers = node['typmods'] === undefined ? '' : value(node['typmods'], '');
  return `${names(node['names'])}${modifiers}${node['arrayBounds'] === undefined ? '' : '[]'}`;
}

function table(node: Json): string {
  const name = [node['catalogname'], node['schemaname'], node['relname']]
    .filter((part) => part !== undefined)
    .join('.');
  const statement = isJson(node['statement']) ? ` statement=${node['statement']['kind']}` : '';
  const id = node['tableId'] === undefined ? '' : ` id=${node['tableId']}`;
  const hint = isJson(node['indexHint'])
    ? ` index=${node['indexHint']['index']}/${node['indexHint']['indexId']}/${node['indexHint']['flags']}`
    : '';
  const alias = isJson(node['alias']) ? ` AS ${node['alias']['aliasname']}` : '';
  return `<${name}${statement}${id}${hint}${alias}>`;
}
