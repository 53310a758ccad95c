import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';
import { loadParser } from '../../../sql/parse/postgres';
import { databaseProblems, schemaProblems, typeDescriptorProblems } from './object-rules';
import { privilegeProblems } from './privilege-rules';
import { Problems } from './problems';
import { Descriptors, referenceProblems } from './reference-rules';
import { tableProblems } from './table-rules';

const SYSTEM_DATABASE = 1;

/**
 * Why CockroachDB v21.1 or v21.2 would reject or misread the descriptors of a backup: what it validates when it reads descriptors, and what
 * its readers rely on. Source: format reference 05; that real backups pass is tested.
 * @returns one line for each problem
 */
export async function descriptorProblems(
  descriptors: readonly Descriptor[],
  completeDbs: readonly number[],
): Promise<readonly string[]> {
  await loadParser();
  const problems = new Problems();
  problems.unique(
    descriptors.map(({ union }) => union.value?.id ?? 0),
    'descriptor',
  );
  const isUser = ({ union }: Descriptor): boolean => {
    if (union.case === 'table') return union.value.parentId !== SYSTEM_DATABASE;
    return union.value?.id !== SYSTEM_DATABASE;
  };
  for (const descriptor of descriptors) {
    const { union } = descriptor;
    if (union.case === undefined || union.case === 'function') {
      problems.check(false, 'a descriptor of an unknown kind');
      continue;
    }
    const { name, privileges, version, modificationTime } = union.value;
    const about = `${union.case} ${name}`;
    problems.check(version > 0, `${about}: version`);
    problems.check((modificationTime?.wallTime ?? 0n) > 0n, `${about}: modification time`);
    problems.check((union.value.$unknown ?? []).length === 0, `${about}: unknown fields`);
    const kind =
      union.case === 'table' && union.value.sequenceOpts !== undefined ? 'sequence' : union.case;
    privilegeProblems(privileges, kind, !isUser(descriptor), about, problems);
    if (union.case === 'database') databaseProblems(union.value, problems);
    if (union.case === 'schema') schemaProblems(union.value, problems);
    if (union.case === 'type') typeDescriptorProblems(union.value, problems);
    if (union.case === 'table' && isUser(descriptor)) tableProblems(union.value, problems);
  }
  referenceProblems(new Descriptors(descriptors.filter(isUser), completeDbs, problems));
  return problems.lines;
}
