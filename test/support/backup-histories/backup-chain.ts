import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { deriveKey } from '../../../backup/encryption';
import { EncryptionInfoSchema } from '../../../backup/format/gen/backup_pb';
import { type LayerOptions, type ValidLayer, validateLayer } from '../validate-backup';

/**
 * How the layers of a chain are written. `mixed`: some of them with revision history, some of an earlier time. `apart`: later ones in an
 * incremental location. `listed`: TO locations, each naming those before it. `tables`: of all tables instead of the database. `cluster`: of
 * all that the server has.
 */
export const FORMS = [
  'plain',
  'mixed',
  'localities',
  'revisions',
  'encrypted',
  'apart',
  'listed',
  'tables',
  'cluster',
] as const;
export type Form = (typeof FORMS)[number];

const PASSPHRASE = 'correct horse';

export interface LayerRequest {
  readonly withRevisions?: boolean;
  readonly detached?: boolean;
  /** As a literal. */
  readonly asOf?: string | undefined;
}

/** The statements that write and read a chain, and where its layers are. */
export class BackupChain {
  readonly form: Form;
  /** Of its collection: a word. */
  readonly name: string;
  private readonly io: string;
  private readonly database: string;

  /** @param io the server's external-io-dir */
  constructor(form: Form, name: string, io: string, database: string) {
    this.form = form;
    this.name = name;
    this.io = io;
    this.database = database;
  }

  /** BACKUP of its next layer. @param number of layers that it has */
  statement(number: number, request: LayerRequest): string {
    const asOf = request.asOf === undefined ? '' : ` AS OF SYSTEM TIME '${request.asOf}'`;
    const options = [...this.options];
    if (this.form === 'apart' && number === 0) options.pop();
    if (request.withRevisions === true) options.push('revision_history');
    if (request.detached === true) options.push('detached');
    const rest = options.length === 0 ? '' : ` WITH ${options.join(', ')}`;
    return `BACKUP ${this.target}${this.destination(number)}${asOf}${this.since(number)}${rest}`;
  }

  private get target(): string {
    if (this.form === 'cluster') return '';
    return this.form === 'tables' ? `${this.database}.* ` : `DATABASE ${this.database} `;
  }

  private destination(number: number): string {
    if (this.form === 'listed') return `TO ${this.listed(number)}`;
    return `${number === 0 ? 'INTO' : 'INTO LATEST IN'} ${this.collection}`;
  }

  private since(number: number): string {
    if (this.form !== 'listed' || number === 0) return '';
    return ` INCREMENTAL FROM ${this.listedUpTo(number)}`;
  }

  private listed(number: number): string {
    return `'nodelocal://1/${this.name}/${number}'`;
  }

  private listedUpTo(count: number): string {
    return Array.from({ length: count }, (_, i) => this.listed(i)).join(', ');
  }

  private get collection(): string {
    const { name } = this;
    if (this.form !== 'localities') return `'nodelocal://1/${name}'`;
    return `('nodelocal://1/${name}?COCKROACH_LOCALITY=default', 'nodelocal://1/${name}-eu?COCKROACH_LOCALITY=region%3Deu')`;
  }

  /** What RESTORE has to be told as well. */
  get options(): string[] {
    if (this.form === 'encrypted') return [`encryption_passphrase = '${PASSPHRASE}'`];
    if (this.form !== 'apart') return [];
    return [`incremental_location = 'nodelocal://1/${this.name}-later'`];
  }

  /** Behind FROM. */
  get source(): string {
    if (this.form === 'listed') return this.listedUpTo(this.directories().length);
    return `LATEST IN ${this.collection}`;
  }

  /** Of its layers, below the server's directory, the full one first. */
  directories(): string[] {
    const roots = [this.name, ...(this.form === 'apart' ? [`${this.name}-later`] : [])];
    return roots.flatMap((root) => this.manifestsBelow(root).sort());
  }

  private manifestsBelow(root: string): string[] {
    let found: string[];
    try {
      found = readdirSync(join(this.io, root), { recursive: true }) as string[];
    } catch {
      return [];
    }
    const manifests = found.filter((path) => path.endsWith('BACKUP_MANIFEST'));
    return manifests.map((path) => join(root, dirname(path)));
  }

  /** Throws what is wrong with the layer. */
  async validate(directory: string): Promise<ValidLayer> {
    return await validateLayer(join(this.io, directory), await this.layerOptions(directory));
  }

  private async layerOptions(directory: string): Promise<LayerOptions> {
    if (this.form === 'localities') {
      const part = directory.slice(this.name.length);
      return { partitions: [join(this.io, `${this.name}-eu${part}`)] };
    }
    if (this.form !== 'encrypted') return {};
    const full = this.directories()[0] ?? '';
    const { salt } = fromBinary(
      EncryptionInfoSchema,
      readFileSync(join(this.io, full, 'ENCRYPTION-INFO')),
    );
    return { key: await deriveKey(PASSPHRASE, salt) };
  }
}
