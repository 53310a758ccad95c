import { clusterRegions, readTopology } from '../../../catalog/topology';
import { arrayOf, BOOL, INT8, JSONB, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

/** The one node there is. */

const NODE_ID = 1;
const tagOf = (version: string): string => /v\d+\.\d+\.\d+/.exec(version)?.[0] ?? '';

export const gossipNodes = systemTable({
  schema: 'crdb_internal',
  name: 'gossip_nodes',
  volatile: true,
  columns: {
    node_id: INT8,
    network: STRING,
    address: STRING,
    advertise_address: STRING,
    sql_network: STRING,
    sql_address: STRING,
    advertise_sql_address: STRING,
    attrs: JSONB,
    locality: STRING,
    cluster_name: STRING,
    server_version: STRING,
    build_tag: STRING,
    started_at: TIMESTAMP,
    is_live: BOOL,
    ranges: INT8,
    leases: INT8,
  },
  *rows({ settings }) {
    yield {
      node_id: NODE_ID,
      network: 'tcp',
      attrs: '[]',
      locality: settings.get('locality'),
      cluster_name: '',
      server_version: '21.2',
      build_tag: tagOf(settings.get('crdb_version')),
      is_live: true,
    };
  },
});

export const kvNodeStatus = systemTable({
  schema: 'crdb_internal',
  name: 'kv_node_status',
  volatile: true,
  columns: {
    node_id: INT8,
    network: STRING,
    address: STRING,
    attrs: JSONB,
    locality: STRING,
    server_version: STRING,
    tag: STRING,
    started_at: TIMESTAMP,
    updated_at: TIMESTAMP,
    metrics: JSONB,
    args: JSONB,
    env: JSONB,
    activity: JSONB,
  },
  *rows({ settings }) {
    yield {
      node_id: NODE_ID,
      network: 'tcp',
      attrs: '[]',
      locality: settings.get('locality'),
      server_version: '21.2',
      tag: tagOf(settings.get('crdb_version')),
      metrics: '{}',
      args: '[]',
      env: '[]',
      activity: '{}',
    };
  },
});

export const gossipLiveness = systemTable({
  schema: 'crdb_internal',
  name: 'gossip_liveness',
  columns: {
    node_id: INT8,
    epoch: INT8,
    expiration: STRING,
    draining: BOOL,
    decommissioning: BOOL,
    membership: STRING,
    updated_at: TIMESTAMP,
  },
  *rows() {
    yield {
      node_id: NODE_ID,
      epoch: 1,
      draining: false,
      decommissioning: false,
      membership: 'active',
    };
  },
});

export const regions = systemTable({
  schema: 'crdb_internal',
  name: 'regions',
  columns: { region: STRING, zones: arrayOf(STRING) },
  *rows({ engine }) {
    for (const { name, zones } of clusterRegions(readTopology(engine.db))) {
      yield { region: name, zones };
    }
  },
});
