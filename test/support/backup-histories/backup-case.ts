import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackupManifest } from '../../../backup/format/gen/backup_pb';
import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';
import { readLayerPairs, readTables } from '../../backup/format/datum/fixture-tables';
import type { Random } from '../fuzz/random';
import { compareAccess, descriptorsAt } from './access-state';
import { BackupChain, FORMS, type Form, type LayerRequest } from './backup-chain';
import {
  readRows,
  readState,
  readWhole,
  relationsText,
  stateText,
  type WholeState,
} from './database-state';
import { HistoryServer } from './history-server';
import { RandomDatabase } from './random-database';
import { trace } from './trace';

/** What a database was at a time. */
interface Moment {
  /** As a literal: nanoseconds, logical part. */
  readonly time: string;
  readonly state: WholeState;
}

interface Layer extends Moment {
  readonly manifest: BackupManifest;
}

/** What happens while a layer is written. */
const EVENTS = ['none', 'none', 'none', 'none', 'pause', 'kill', 'writers', 'block'] as const;
export type LayerEvent = (typeof EVENTS)[number];

const isAmongWriters = (event: LayerEvent) => event === 'writers' || event === 'kill';

/** To which a chain is restored, beside the ends of its layers. */
const MOMENTS_MAX = 6;
const ALL_VERSIONS = 1;
/** As a line of a database's state. */
const OTHER_REGION = 'us|f';
const SKIPS = 'skip_missing_foreign_keys, skip_missing_sequences, skip_missing_sequence_owners';

/** A time as one number that grows with it. */
const timeOf = (literal: string): bigint => {
  const [wall = '0', logical = '0'] = literal.split('.');
  return BigInt(wall) * 2n ** 32n + BigInt(logical);
};
const literalOf = (time: BackupManifest['endTime']): string =>
  `${time?.wallTime ?? 0n}.${String(time?.logical ?? 0).padStart(10, '0')}`;

export interface CaseOptions {
  readonly form?: Form | undefined;
  readonly event?: LayerEvent | undefined;
}

/** One database made at random, its history, its chains, and what comes back of them. */
export class BackupCase {
  private readonly server: HistoryServer;
  private readonly random: Random;
  private readonly seed: number;
  private readonly options: CaseOptions;
  private readonly isRegional: boolean;
  /** Earlier versions are kept for a second. */
  private readonly isCollected: boolean;
  private readonly content: RandomDatabase;
  private readonly database: string;
  private moments: Moment[] = [];
  private layers: Layer[] = [];
  private chain: BackupChain;
  private chains = 0;
  private events: string[] = [];
  /** What another client is doing. */
  private others: Promise<void> = Promise.resolve();

  constructor(server: HistoryServer, random: Random, seed: number, options: CaseOptions) {
    this.server = server;
    this.random = random;
    this.seed = seed;
    this.options = options;
    this.database = `d${seed}`;
    this.chain = this.newChain();
    this.isRegional = random.chance(0.1);
    this.isCollected = random.chance(0.15);
    this.content = new RandomDatabase(random, this.isRegional);
  }

  private newChain(): BackupChain {
    // Seeds that follow each other have each form as often.
    const next = FORMS[(this.seed + this.chains) % FORMS.length] ?? 'plain';
    const form = this.options.form ?? next;
    this.layers = [];
    return new BackupChain(form, `c${this.seed}x${this.chains++}`, this.server.io, this.database);
  }

  /** @param regions lines of a state that may name another region */
  private createDatabase(name: string, regions: readonly string[] = [OTHER_REGION]): string {
    if (!this.isRegional) return `CREATE DATABASE ${name}`;
    const others = regions.includes(OTHER_REGION) ? ' REGIONS "us"' : '';
    return `CREATE DATABASE ${name} PRIMARY REGION "eu"${others}`;
  }

  private get collect(): string {
    return `ALTER DATABASE ${this.database} CONFIGURE ZONE USING gc.ttlseconds = 1`;
  }

  /** All of it. Throws what does not come back as it was. */
  async run(): Promise<void> {
    await this.server.run(this.createDatabase(this.database));
    if (this.isCollected) await this.server.run(this.collect);
    await this.change(this.content.create());
    await this.makeChain(2 + this.random.below(3));
    if (this.random.chance(0.3)) {
      await this.moveIntoItsBackup();
      await this.change(this.content.change());
      await this.makeChain(1 + this.random.below(2));
    }
    await this.server.run(`DROP DATABASE ${this.database} CASCADE`);
  }

  private async makeChain(later: number): Promise<void> {
    await this.addLayer();
    for (let i = 0; i < later; i++) {
      await this.change(this.content.change());
      await this.addLayer();
    }
    trace(
      `database ${this.seed}: ${this.chain.form}, ${this.events.splice(0).join(' ')}, ${this.moments.length} moments, ${stateText(this.last.state).length} bytes${this.isRegional ? ', regional' : ''}${this.isCollected ? ', collected' : ''}\n`,
    );
    await this.check();
  }

  private get last(): Layer {
    const layer = this.layers.at(-1);
    if (layer === undefined) throw new Error('no layer');
    return layer;
  }

  /** One part of a history. */
  private async change(statements: readonly string[]): Promise<void> {
    await this.server.run(`USE ${this.database}`);
    const filled = statements.map((sql) => this.filled(sql));
    await this.server.attemptAll(filled, async (error, isInBlock) => {
      if (error !== undefined) this.content.missed(error.message);
      if (!isInBlock && this.random.chance(0.15)) await this.remember();
    });
  }

  private filled(sql: string): string {
    const options = this.chain.options.map((option) => `, ${option}`).join('');
    return sql
      .replaceAll('{database}', this.database)
      .replace('{from}', this.chain.source)
      .replace('{options}', options);
  }

  private async remember(): Promise<void> {
    const [[time] = []] = await this.server.run('SELECT cluster_logical_timestamp()');
    const state = await readWhole(this.server.run, this.database);
    this.moments.push({ time: time ?? '', state });
  }

  private async addLayer(): Promise<void> {
    const { form } = this.chain;
    const picked = this.options.event ?? this.random.pick(EVENTS);
    // What was there at the end of a layer can't be read any more.
    const event = this.isCollected && isAmongWriters(picked) ? 'none' : picked;
    const withRevisions = form === 'revisions' || (form === 'mixed' && this.random.chance(0.5));
    const past =
      form === 'mixed' && !this.isCollected && this.random.chance(0.4)
        ? this.pastMoment()
        : undefined;
    this.events.push(`${event}${withRevisions ? '+all' : ''}${past ? '+past' : ''}`);
    trace(`-- layer ${this.events.at(-1)}\n`);
    try {
      await this.write({ withRevisions, asOf: past?.time }, event);
    } catch (error) {
      if (!this.isCollected || !/must be after replica GC threshold/.test(String(error)))
        throw error;
      trace('-- too late\n');
      await this.checkRestores();
      this.chain = this.newChain();
      return await this.addLayer();
    }
    const directory = this.chain.directories()[this.layers.length] ?? '';
    const { manifest } = await this.chain.validate(directory);
    const time = literalOf(manifest.endTime);
    const now = isAmongWriters(event) ? time : undefined;
    const state = past?.state ?? (await readWhole(this.server.run, this.database, now));
    this.layers.push({ time, state, manifest });
    this.expectAccess(manifest.descriptors, state);
    await this.others;
  }

  /** Of those since the last layer. */
  private pastMoment(): Moment | undefined {
    const end = this.layers.length === 0 ? 0n : timeOf(this.last.time);
    const later = this.moments.filter(({ time }) => timeOf(time) > end);
    return later.length === 0 ? undefined : this.random.pick(later);
  }

  private async write(request: LayerRequest, event: LayerEvent): Promise<void> {
    const statement = (detached: boolean) =>
      this.chain.statement(this.layers.length, { ...request, detached });
    if (event === 'none') return void (await this.server.run(statement(false)));
    if (event === 'writers') {
      // They go on while it is read what there was at the layer's end.
      this.others = this.server.writeBeside(this.beside(), false);
      this.others.catch(() => undefined);
      await sleep(this.random.below(60));
      return void (await this.server.run(statement(false)));
    }
    if (event === 'block') await this.server.run('BEGIN');
    const [[job] = []] = await this.server.run(statement(true));
    if (event === 'block') await this.server.run('COMMIT');
    if (event === 'pause') await this.pause(job ?? '');
    if (event === 'kill') await this.kill();
    await this.server.jobComesTo(job ?? '', 'succeeded');
    await this.server.run(`USE ${this.database}`);
  }

  /** What another client does meanwhile. */
  private beside(): string[] {
    const statements = this.content.change().map((sql) => this.filled(sql));
    // Its name is asked for at any time.
    const kept = statements.filter((sql) => !/^ALTER DATABASE .* RENAME/.test(sql));
    return [`USE ${this.database}`, ...kept];
  }

  private async pause(job: string): Promise<void> {
    await this.server.attempt(`PAUSE JOB ${job}`);
    if ((await this.server.jobComesTo(job, 'paused', 'succeeded')) === 'succeeded') return;
    await this.change(this.content.change());
    await this.server.run(`RESUME JOB ${job}`);
  }

  private async kill(): Promise<void> {
    const others = this.server.writeBeside(this.beside(), true);
    await sleep(this.random.below(120));
    await this.server.crash();
    await others;
  }

  /** The chain's layers and the moments that it covers come back; those are read AS OF SYSTEM TIME, too. */
  private async check(): Promise<void> {
    if (!['encrypted', 'localities'].includes(this.chain.form)) await this.comparePairs();
    await this.checkRestores();
    for (const { time, state } of this.isCollected ? [] : this.someTimes()) {
      const rows = await readRows(this.server.run, this.database, { time, state });
      expect(rows).toEqual(new Map([...state.relations].map(([name, { rows }]) => [name, rows])));
    }
    await this.restoreOne();
    expect(this.last.state.relations.size).toBeGreaterThan(0);
  }

  /** What is restored belongs to whom restores it: descriptors tell what there was. */
  private expectAccess(descriptors: readonly Descriptor[], { access }: WholeState): void {
    const { written, expected } = compareAccess(descriptors, this.database, access);
    expect(written).not.toEqual([]);
    expect(written).toEqual(expected);
  }

  private async checkRestores(): Promise<void> {
    for (const { time, state } of this.layers) await this.expectRestored(time, state);
    const covered = this.moments.filter(({ time }) => this.covering(time) !== undefined);
    for (const { time, state } of covered) {
      const isLater = (other: BackupManifest['endTime']) => timeOf(literalOf(other)) > timeOf(time);
      const layer = this.covering(time);
      if (layer !== undefined) this.expectAccess(descriptorsAt(layer.manifest, isLater), state);
    }
    while (covered.length > MOMENTS_MAX) covered.splice(this.random.below(covered.length), 1);
    for (const { time, state } of covered) await this.expectRestored(time, state);
  }

  private someTimes(): Moment[] {
    const all: Moment[] = [...this.layers, ...this.moments];
    return this.random.list(2, 4, () => this.random.pick(all));
  }

  /** The layer that has all versions of then. */
  private covering(time: string): Layer | undefined {
    const at = timeOf(time);
    return this.layers.find(({ manifest }, i) => {
      if (Number(manifest.mvccFilter) !== ALL_VERSIONS) return false;
      const since = i === 0 ? manifest.revisionStartTime : manifest.startTime;
      return timeOf(literalOf(since)) < at && at <= timeOf(literalOf(manifest.endTime));
    });
  }

  private async expectRestored(time: string, state: WholeState): Promise<void> {
    if (this.chain.form === 'cluster') return await this.expectCluster(time, state);
    const { run } = this.server;
    const copy = `r${this.seed}`;
    await run('USE defaultdb');
    const from = this.from(time);
    const options = this.chain.options.map((option) => `, ${option}`).join('');
    const isOfTables = this.chain.form === 'tables';
    if (isOfTables) {
      await run(this.createDatabase(copy, state.others));
      await run(`RESTORE ${this.database}.* ${from} WITH into_db = '${copy}'${options}`);
    } else {
      await run(`RESTORE DATABASE ${this.database} ${from} WITH new_db_name = '${copy}'${options}`);
    }
    const restored = await readState(run, copy);
    if (isOfTables) expect(relationsText(restored)).toBe(relationsText(state));
    else expect(stateText(restored)).toBe(stateText(state));
    await run('USE defaultdb');
    await run(`DROP DATABASE ${copy} CASCADE`);
  }

  /** A cluster is restored into another one. */
  private async expectCluster(time: string, state: WholeState): Promise<void> {
    const other = new HistoryServer(this.server.io);
    await other.start();
    try {
      await other.run(`RESTORE ${this.from(time)}`);
      const restored = await readWhole(other.run, this.database);
      expect(stateText(restored)).toBe(stateText(state));
      expect(restored.access).toEqual(state.access);
      if (state.comments !== undefined) expect(restored.comments).toEqual(state.comments);
    } finally {
      await other.stop();
    }
  }

  private from(time: string): string {
    return `FROM ${this.chain.source} AS OF SYSTEM TIME '${time}'`;
  }

  /** One table alone has its rows. */
  private async restoreOne(): Promise<void> {
    const { run } = this.server;
    const { relations } = this.last.state;
    const tables = [...relations.keys()].filter((name) =>
      relations.get(name)?.create.startsWith('CREATE TABLE'),
    );
    if (this.isRegional || tables.length === 0) return;
    const table = this.random.pick(tables);
    const options = [`into_db = 'one'`, SKIPS, ...this.chain.options].join(', ');
    await run('CREATE DATABASE one');
    const [schema, name] = table.split('.');
    await run(
      `RESTORE TABLE ${this.database}."${schema}"."${name}" FROM ${this.chain.source} WITH ${options}`,
    );
    const { relations: restored } = await readState(run, 'one');
    expect(restored.get(table)?.rows).toEqual(relations.get(table)?.rows);
    await run('USE defaultdb');
    await run('DROP DATABASE one CASCADE');
  }

  /** The chain holds, of each index, what a full backup of its end does. */
  private async comparePairs(): Promise<void> {
    const beside = new BackupChain(
      'plain',
      `${this.chain.name}-full`,
      this.server.io,
      this.database,
    );
    const asOf = this.isCollected ? undefined : this.last.time;
    await this.server.run(beside.statement(0, { asOf }));
    const inIo = (path: string) => join(this.server.io, path);
    const chain = this.chain.directories().map(inIo);
    const full = beside.directories().map(inIo);
    for (const { descriptor } of await readTables(inIo(beside.name))) {
      for (const index of [descriptor.primaryIndex, ...descriptor.indexes]) {
        const pairs = async (layers: readonly string[]) => [
          `${descriptor.name}@${index?.name}`,
          ...[...(await readLayerPairs(layers, descriptor.id, index?.id ?? 0))].sort(),
        ];
        expect(await pairs(chain)).toEqual(await pairs(full));
      }
    }
  }

  /** The database becomes what its chain restores, and begins another one. */
  private async moveIntoItsBackup(): Promise<void> {
    const { run } = this.server;
    await run('USE defaultdb');
    if (this.chain.form === 'tables' || this.chain.form === 'cluster') {
      // Not all of the database comes back from it: the next chain is one of the same database.
      this.chain = this.newChain();
      return;
    }
    await run(`DROP DATABASE ${this.database} CASCADE`);
    const options = this.chain.options.length === 0 ? '' : ` WITH ${this.chain.options.join(', ')}`;
    await run(`RESTORE DATABASE ${this.database} FROM ${this.chain.source}${options}`);
    if (this.isCollected) await run(this.collect);
    this.moments = [];
    this.chain = this.newChain();
  }
}
