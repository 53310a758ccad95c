import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState } from '../../../catalog/descriptor/gen/table_pb';
import { CatalogSnapshot } from '../../../catalog/snapshot';
import {
  existingSchemas,
  type NameContext,
  resolveRelation,
} from '../../../sql/session/name-resolution';
import { SessionSettings } from '../../../sql/session/settings';

type Union = NonNullable<MessageInitShape<typeof DescriptorSchema>['union']>;

const descriptor = (union: Union): Descriptor => create(DescriptorSchema, { union });
const database = (id: number, name: string): Descriptor =>
  descriptor({ case: 'database', value: { id, name } });
const schema = (id: number, parentId: number, name: string): Descriptor =>
  descriptor({ case: 'schema', value: { id, parentId, name } });
const table = (
  id: number,
  parentId: number,
  schemaId: number,
  name: string,
  state: DescriptorState = DescriptorState.PUBLIC,
): Descriptor =>
  descriptor({
    case: 'table',
    value: { id, parentId, unexposedParentSchemaId: schemaId, name, state },
  });

const PUBLIC = 29;
const catalog = new CatalogSnapshot(1, [
  database(60, 'a'),
  database(61, 'b'),
  schema(70, 60, 's'),
  schema(71, 60, 'root'),
  schema(72, 60, 'b'),
  table(80, 60, PUBLIC, 't'),
  table(81, 60, 70, 't'),
  table(82, 61, PUBLIC, 't'),
  table(83, 60, 72, 'u'),
  table(84, 61, PUBLIC, 'u'),
  table(85, 61, PUBLIC, 'only_b'),
  table(86, 60, PUBLIC, 'offline', DescriptorState.OFFLINE),
  table(87, 60, 71, 'mine'),
]);

function context(searchPath?: string, current = 'a'): NameContext {
  const settings = new SessionSettings(() => undefined);
  settings.set('database', current);
  if (searchPath !== undefined) settings.set('search_path', searchPath);
  return { catalog, settings, user: 'root' };
}

test.each([
  ['one part is looked up along the search path', 't', undefined, 80],
  ['$user stands for the user’s own schema', 'mine', undefined, 87],
  ['the first schema that has it wins', 't', 's, public', 81],
  ['schemas that do not exist are passed over', 't', 'nosuch, s', 81],
  ['nothing outside of the search path', 't', 'root', undefined],
  ['two parts: schema and table', 's.t', undefined, 81],
  ['two parts: a schema of the current database before a database', 'b.u', undefined, 83],
  ['two parts: a database and its public schema', 'b.only_b', undefined, 85],
  ['two parts: neither', 'c.t', undefined, undefined],
  ['three parts', 'b.public.t', undefined, 82],
  ['three parts never fall back', 'a.nosuch.t', undefined, undefined],
  ['four parts are no relation', 'x.b.public.t', undefined, undefined],
  ['what is being restored is not there', 'offline', undefined, undefined],
])('%s: %s', (_, name, searchPath, id) => {
  expect(resolveRelation(name.split('.'), context(searchPath))?.id).toBe(id);
});

test('names are looked up in the current database', () => {
  expect(resolveRelation(['t'], context(undefined, 'b'))?.id).toBe(82);
  expect(resolveRelation(['t'], context(undefined, 'dropped'))).toBeUndefined();
  expect(resolveRelation(['t'], context(), 'b')?.id).toBe(82);
});

test('current_schema() is the first of the search path that exists', () => {
  expect(existingSchemas(context('nosuch, s, public'))[0]).toBe('s');
  expect(existingSchemas(context('nosuch'))).toEqual([]);
  expect(existingSchemas(context())[0]).toBe('root');
  expect(existingSchemas(context(undefined, 'b'))[0]).toBe('public');
  expect(existingSchemas(context(undefined, 'dropped'))).toEqual([]);
});
