import type { ColumnDefinition, ColumnQualification, NamedQualification } from '../parse/ddl-ast';

type Of<K extends ColumnQualification['kind']> = Extract<ColumnQualification, { kind: K }>;

/** The qualifications of one kind, in order. */
export function qualified<K extends ColumnQualification['kind']>(
  column: ColumnDefinition,
  kind: K,
): (NamedQualification & { readonly qualification: Of<K> })[] {
  return column.qualifications.filter(
    (item): item is NamedQualification & { readonly qualification: Of<K> } =>
      item.qualification.kind === kind,
  );
}
