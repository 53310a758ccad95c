import { ownerOf } from '../../../catalog/privileges';
import { regionsOf } from '../../../catalog/regions';
import { arrayOf, INT8, NAME, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const databases = systemTable({
  schema: 'crdb_internal',
  name: 'databases',
  columns: {
    id: INT8,
    name: STRING,
    owner: NAME,
    primary_region: STRING,
    regions: arrayOf(STRING),
    survival_goal: STRING,
  },
  *rows({ catalog }) {
    for (const database of catalog.databases()) {
      const regions = regionsOf(database, catalog);
      yield {
        id: database.id,
        name: database.name,
        owner: ownerOf(database.privileges),
        primary_region: regions?.primary,
        regions: regions?.names ?? [],
        survival_goal: regions?.survival,
      };
    }
  },
});
