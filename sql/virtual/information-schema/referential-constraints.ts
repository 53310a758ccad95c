import { ForeignKeyAction, ForeignKeyMatch } from '../../../catalog/descriptor/gen/index_pb';
import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

const RULES: { readonly [A in ForeignKeyAction]: string } = {
  [ForeignKeyAction.NO_ACTION]: 'NO ACTION',
  [ForeignKeyAction.RESTRICT]: 'RESTRICT',
  [ForeignKeyAction.SET_NULL]: 'SET NULL',
  [ForeignKeyAction.SET_DEFAULT]: 'SET DEFAULT',
  [ForeignKeyAction.CASCADE]: 'CASCADE',
};

const MATCHES: { readonly [M in ForeignKeyMatch]: string } = {
  [ForeignKeyMatch.SIMPLE]: 'NONE',
  [ForeignKeyMatch.FULL]: 'FULL',
  [ForeignKeyMatch.PARTIAL]: 'PARTIAL',
};

export const referentialConstraints = systemTable({
  schema: 'information_schema',
  name: 'referential_constraints',
  columns: {
    constraint_catalog: STRING,
    constraint_schema: STRING,
    constraint_name: STRING,
    unique_constraint_catalog: STRING,
    unique_constraint_schema: STRING,
    unique_constraint_name: STRING,
    match_option: STRING,
    update_rule: STRING,
    delete_rule: STRING,
    table_name: STRING,
    referenced_table_name: STRING,
  },
  *rows({ database, objects, catalog }) {
    for (const { name, relation, references } of objects.constraints()) {
      if (references === undefined) continue;
      const { table, index } = references;
      yield {
        constraint_catalog: database.name,
        constraint_schema: relation.namespace.name,
        constraint_name: name,
        unique_constraint_catalog: database.name,
        unique_constraint_schema: catalog.schemaName(table.unexposedParentSchemaId || 29),
        unique_constraint_name: index?.index.name,
        match_option: MATCHES[references.match],
        update_rule: RULES[references.onUpdate],
        delete_rule: RULES[references.onDelete],
        table_name: relation.info.name,
        referenced_table_name: table.name,
      };
    }
  },
});
