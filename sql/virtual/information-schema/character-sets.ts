import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const characterSets = systemTable({
  schema: 'information_schema',
  name: 'character_sets',
  columns: {
    character_set_catalog: STRING,
    character_set_schema: STRING,
    character_set_name: STRING,
    character_repertoire: STRING,
    form_of_use: STRING,
    default_collate_catalog: STRING,
    default_collate_schema: STRING,
    default_collate_name: STRING,
  },
  *rows({ database }) {
    yield {
      character_set_name: 'UTF8',
      character_repertoire: 'UCS',
      form_of_use: 'UTF8',
      default_collate_catalog: database.name,
    };
  },
});
