import { STRING } from '../../../catalog/types/table';
import { builtins } from '../../builtins/registry';
import { systemTable } from '../system-table';

export const builtinFunctions = systemTable({
  schema: 'crdb_internal',
  name: 'builtin_functions',
  columns: { function: STRING, signature: STRING, category: STRING, details: STRING },
  *rows() {
    for (const row of builtins) {
      const args = row.rest === undefined ? row.args : [...row.args, `${row.rest}...`];
      const returns = typeof row.returns === 'function' ? 'anyelement' : row.returns.family;
      yield {
        function: row.name,
        signature: `${row.name}(${args.join(', ')}) -> ${returns}`,
        category: '',
        details: '',
      };
    }
  },
});
