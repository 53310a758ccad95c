import { createInterface, type Interface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { limits } from '../../base/limits';
import { type ConnectionListener, SqlConnection } from './connection';
import { DelimitedWriter } from './delimited-writer';
import { printable } from './printable';
import { RecordsWriter } from './records-writer';
import { ConnectionError, type Report, reportText } from './report';
import type { ResultFormat, ResultWriter } from './result-writer';
import type { SqlFlags } from './sql-flags';
import { StatementSplitter } from './statement-splitter';
import { TableWriter } from './table-writer';
import { TextOutput } from './text-output';

/** What of a process the client uses. */
export interface ClientIo {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
  /** Somebody types: show a prompt, and go on after an error. */
  readonly isInteractive: boolean;
  readonly isOutputTerminal: boolean;
  /** Ctrl-C; @returns how to stop listening */
  onInterrupt(handler: () => void): () => void;
  /** Asks for a password without showing it; undefined: nobody is there to ask. */
  readonly readPassword?: (() => Promise<string>) | undefined;
  /** Ends the program here and now. */
  exit(code: number): void;
}

export function processIo(): ClientIo {
  return {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    isInteractive: process.stdin.isTTY === true,
    isOutputTerminal: process.stdout.isTTY === true,
    onInterrupt: (handler) => {
      process.on('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
    readPassword: process.stdin.isTTY === true ? readHidden : undefined,
    exit: (code) => process.exit(code),
  };
}

/** One line of the terminal, which shows nothing of it. */
async function readHidden(): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write('Enter password: ');
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => process.exit(INTERRUPTED));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** As a shell reports a program that SIGINT ended. */
const INTERRUPTED = 130;

/**
 * `ootheca sql`: runs the statements of the flags, of a script, or of a person.
 * @returns the exit code: 1 after an error that ended it
 */
export async function runSqlClient(flags: SqlFlags, io: ClientIo): Promise<number> {
  const client = new Client(flags, io);
  const stopListening = io.onInterrupt(() => client.interrupt());
  try {
    return (await client.run()) ? 0 : 1;
  } finally {
    stopListening();
  }
}

function createWriter(format: ResultFormat, output: TextOutput): ResultWriter {
  switch (format) {
    case 'table':
      return new TableWriter(output);
    case 'csv':
      return new DelimitedWriter(output, ',');
    case 'tsv':
      return new DelimitedWriter(output, '\t');
    case 'records':
      return new RecordsWriter(output);
  }
}

class Client implements ConnectionListener {
  private readonly flags: SqlFlags;
  private readonly io: ClientIo;
  private readonly output: TextOutput;
  private readonly writer: ResultWriter;
  private readonly splitter = new StatementSplitter();
  private connection: SqlConnection | undefined;
  private inRows = false;
  private hasFailed = false;
  private cancelSent = false;

  constructor(flags: SqlFlags, io: ClientIo) {
    this.flags = flags;
    this.io = io;
    this.output = new TextOutput(io.output, () => this.connection?.destroy());
    const format = flags.format ?? (io.isOutputTerminal ? 'table' : 'tsv');
    this.writer = createWriter(format, this.output);
  }

  /** @returns whether all went well */
  async run(): Promise<boolean> {
    try {
      const { readPassword } = this.io;
      this.connection = await SqlConnection.open(this.flags.connection, this, readPassword);
      if (this.flags.statements.length > 0) return await this.runEach(this.flags.statements);
      return this.io.isInteractive ? await this.runPrompt() : await this.runScript();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      // Nobody reads the answers any more, which is not this program's error to tell.
      if (!this.output.isBroken) this.failed(error.report);
      return false;
    } finally {
      this.connection?.close();
      await this.output.finish();
    }
  }

  private get goesOnAfterErrors(): boolean {
    return this.io.isInteractive && this.flags.statements.length === 0;
  }

  /** The first Ctrl-C cancels what runs; otherwise it ends the program. */
  interrupt(): void {
    if (this.connection?.isBusy !== true || this.cancelSent) {
      this.io.exit(INTERRUPTED);
      return;
    }
    this.cancelSent = true;
    this.connection.cancel();
  }

  /** @returns false at the first statement that fails, unless somebody at the prompt can react to it */
  private async runEach(statements: readonly string[]): Promise<boolean> {
    for (const statement of statements) {
      this.hasFailed = false;
      this.cancelSent = false;
      await this.connection?.query(statement);
      if (this.hasFailed && !this.goesOnAfterErrors) return false;
      await this.output.flush();
    }
    return true;
  }

  private async runScript(): Promise<boolean> {
    let partial = '';
    this.io.input.setEncoding('utf8');
    for await (const chunk of this.io.input) {
      partial += String(chunk);
      const end = partial.lastIndexOf('\n') + 1;
      // Line by line, because \q is a line of its own.
      for (const line of partial.slice(0, end).split(/(?<=\n)/)) {
        if (this.splitter.isBlank && isQuit(line)) return true;
        if (!(await this.runEach(this.splitter.push(line)))) return false;
      }
      partial = partial.slice(end);
      if (partial.length + this.splitter.pendingCharacters > limits.sqlTextBytesMax) {
        const message = `a statement or line is longer than ${limits.sqlTextBytesMax} characters`;
        this.failed({ severity: 'ERROR', sqlstate: '54000', message });
        return false;
      }
    }
    if (this.splitter.isBlank && isQuit(partial)) return true;
    const statements = this.splitter.push(partial);
    const last = this.splitter.finish();
    return await this.runEach(last === undefined ? statements : [...statements, last]);
  }

  private async runPrompt(): Promise<boolean> {
    const { input, output, errors, isOutputTerminal } = this.io;
    const lines = createInterface({
      input,
      output: isOutputTerminal ? output : errors,
      terminal: isOutputTerminal,
    });
    lines.on('SIGINT', () => this.interruptPrompt(lines));
    errors.write('Statements end with a semicolon; \\q quits.\n');
    this.prompt(lines);
    try {
      for await (const line of lines) {
        if (this.splitter.isBlank && isQuit(line)) return true;
        await this.runEach(this.splitter.push(`${line}\n`));
        if (this.splitter.isBlank) this.splitter.clear();
        this.prompt(lines);
      }
      return true;
    } finally {
      lines.close();
    }
  }

  /** Ctrl-C at the prompt gives up what is typed so far. */
  private interruptPrompt(lines: Interface): void {
    if (this.connection?.isBusy === true) {
      this.interrupt();
      return;
    }
    this.splitter.clear();
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    this.io.errors.write('\n(\\q or Ctrl-D quits)\n');
    this.prompt(lines);
  }

  private prompt(lines: Interface): void {
    const { user, host, port } = this.flags.connection;
    const status = this.connection?.transactionStatus;
    const transaction = status === 'T' ? ' OPEN' : status === 'E' ? ' ERROR' : '';
    const start = `${user}@${host}:${port}${transaction}`;
    const isContinued = !this.splitter.isBlank;
    lines.setPrompt(isContinued ? `${'-> '.padStart(start.length + 2)}` : `${start}> `);
    lines.prompt();
  }

  columns(columns: Parameters<ResultWriter['begin']>[0]): void {
    this.inRows = true;
    this.writer.begin(columns);
  }

  row(values: Parameters<ResultWriter['row']>[0]): void {
    this.writer.row(values);
  }

  complete(tag: string): void {
    if (this.inRows) this.endRows(true);
    else this.output.write(`${printable(tag)}\n`);
  }

  failed(report: Report): void {
    this.hasFailed = true;
    if (this.inRows) this.endRows(false);
    this.notice(report);
  }

  notice(report: Report): void {
    // What came before it stands before it, when both go to one terminal.
    void this.flush();
    this.io.errors.write(reportText(report));
  }

  flush(): Promise<void> | undefined {
    return this.output.flush();
  }

  private endRows(isComplete: boolean): void {
    this.inRows = false;
    this.writer.end(isComplete);
  }
}

function isQuit(line: string): boolean {
  return /^\s*(?:\\q|quit|exit)\s*;?\s*$/i.test(line);
}
