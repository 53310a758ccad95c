import type { Marks } from './marks';
import { groupChain, isRegrouped } from './operators';
import type { PgNode } from './pg-tree';
import type { EditedText } from './position-map';
import { syntaxErrorAt } from './syntax-error';

/**
 * Turns the tree that PostgreSQL gave for the edited text into the tree of the original: offsets, CockroachDB's operators and their
 * grouping, annotations, index hints, bracketed statements, INT as INT8. Changes the tree in place.
 * @throws SqlError syntaxError for chains of operators that do not associate
 */
export function fixTree(tree: PgNode, source: string, edited: EditedText, marks: Marks): void {
  new TreeFixer(source, edited, marks).visit(tree as unknown as Json, '');
}

/** The parsed JSON, while it may still change. */
interface Json {
  [key: string]: unknown;
}

/** A link of a chain of operators on PostgreSQL's single level. */
interface Link {
  readonly operator: string;
  readonly location: number;
}

class TreeFixer {
  private readonly source: string;
  private readonly edited: EditedText;
  private readonly marks: Marks;

  constructor(source: string, edited: EditedText, marks: Marks) {
    this.source = source;
    this.edited = edited;
    this.marks = marks;
  }

  /** @param key the field or node type that `node` stands under. */
  visit(node: Json, key: string): void {
    if (key !== 'A_Expr' && isJson(node['A_Expr']) && this.regroup(node, node['A_Expr'])) return;
    for (const field in node) {
      const value = node[field];
      if (Array.isArray(value)) {
        for (const item of value) if (isJson(item)) this.visit(item, '');
      } else if (isJson(value)) this.visit(value, field);
      else if (field === 'location') {
        if (typeof value === 'number' && value >= 0) node[field] = this.original(value);
      } else if (typeof value === 'string' && this.marks.standIns.size > 0) {
        node[field] = this.marks.standIns.get(value) ?? value;
      }
    }
    this.fix(node, key);
  }

  private original(byte: number): number {
    return this.edited.originalOfByte(byte);
  }

  private fix(node: Json, key: string): void {
    switch (key) {
      case 'A_Expr':
        this.operator(node);
        return;
      case 'TypeCast':
        if (this.marks.annotations.has(locationOf(node))) node['annotation'] = true;
        return;
      case 'RowExpr': {
        const labels = this.marks.labels.get(locationOf(node));
        if (labels !== undefined) node['labels'] = labels;
        return;
      }
      case 'TypeName':
      case 'typeName':
        this.typeName(node);
        return;
      case 'RangeVar':
      case 'relation':
        this.table(node);
        return;
      case 'InsertStmt': {
        const { relation } = node;
        if (isJson(relation) && this.marks.upserts.has(locationOf(relation))) node['upsert'] = true;
        return;
      }
      default:
    }
  }

  private operator(node: Json): void {
    const location = locationOf(node);
    const name = this.marks.operatorNames.get(location);
    if (name !== undefined) node['name'] = operatorName(name);
    const test = this.marks.nanTests.get(location);
    if (test !== undefined) {
      node['kind'] = 'AEXPR_OP';
      node['name'] = operatorName(test);
    }
  }

  private typeName(node: Json): void {
    const location = locationOf(node);
    const oid = this.marks.typeReferences.get(location);
    if (oid !== undefined) node['oidReference'] = oid;
    // INT is PostgreSQL's int4 and CockroachDB's INT8.
    const names = node['names'];
    if (Array.isArray(names) && names.length === 2 && stringOf(names[1]) === 'int4') {
      if (/^int(?:eger)?(?![\w$])/i.test(this.source.slice(location, location + 8))) {
        names[1] = { String: { sval: 'int8' } };
      }
    }
  }

  private table(node: Json): void {
    if (node['relname'] === undefined) return;
    const location = locationOf(node);
    const hint = this.marks.indexHints.get(location);
    if (hint !== undefined) node['indexHint'] = hint;
    const statement = this.marks.statements.get(location);
    if (statement !== undefined) node['statement'] = statement;
    const id = this.marks.tableIds.get(location);
    if (id !== undefined) node['tableId'] = id;
  }

  /**
   * Regroups a chain `((a op b) op c) …` whose operators stand in one bracket.
   * @returns whether there was one; its operands have been visited then
   */
  private regroup(wrapper: Json, top: Json): boolean {
    const links: Link[] = [];
    const operands: unknown[] = [];
    let bracket: number | undefined;
    let current: unknown = wrapper;
    for (;;) {
      const expression: unknown = isJson(current) ? current['A_Expr'] : undefined;
      if (!isJson(expression) || expression['kind'] !== 'AEXPR_OP') break;
      const operator = nameOf(expression);
      if (!isRegrouped(operator) || expression['lexpr'] === undefined) break;
      const location = this.original(locationOf(expression));
      const own = this.marks.operatorBrackets.get(location);
      if (own === undefined || (bracket !== undefined && own !== bracket)) break;
      bracket = own;
      links.push({ operator, location });
      operands.push(expression['rexpr']);
      current = expression['lexpr'];
    }
    if (links.length < 2) return false;
    operands.push(current);
    links.reverse();
    operands.reverse();
    for (const operand of operands) if (isJson(operand)) this.visit(operand, '');
    const grouped = groupChain<unknown>(
      operands,
      links.map((link) => link.operator),
      (index, lexpr, rexpr) => binary(links[index], lexpr, rexpr),
      (index) => this.conflict(links[index]),
    );
    Object.assign(top, (grouped as { A_Expr: Json }).A_Expr);
    return true;
  }

  private conflict(link: Link | undefined): never {
    const { operator, location } = link ?? { operator: '', location: 0 };
    const token = { type: 'op', value: operator, start: location, end: location } as const;
    throw syntaxErrorAt(this.source, token);
  }
}

function binary(link: Link | undefined, lexpr: unknown, rexpr: unknown): unknown {
  return {
    A_Expr: {
      kind: 'AEXPR_OP',
      name: operatorName(link?.operator ?? ''),
      lexpr,
      rexpr,
      location: link?.location ?? -1,
    },
  };
}

function operatorName(name: string): unknown[] {
  return [{ String: { sval: name } }];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function locationOf(node: Json): number {
  const { location } = node;
  // Absent is 0, as every default of protobuf's JSON form.
  return typeof location === 'number' ? location : 0;
}

function nameOf(expression: Json): string {
  const { name } = expression;
  return Array.isArray(name) && name.length === 1 ? stringOf(name[0]) : '';
}

function stringOf(node: unknown): string {
  const inner = isJson(node) ? node['String'] : undefined;
  return isJson(inner) && typeof inner['sval'] === 'string' ? inner['sval'] : '';
}
