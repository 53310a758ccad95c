import type { ByteaOutput } from '../../catalog/types/bytes';
import { EPOCH_2000_SECONDS } from '../../catalog/types/datetime';
import { parseDecimal } from '../../catalog/types/decimal';
import { floatToRepr, parseFloatText } from '../../catalog/types/float';
import type { IntervalStyle } from '../../catalog/types/interval-styles';
import type { TextDecoder } from '../../catalog/types/parse-text';
import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { compileTextEncoder, type TextEncoder, type TextSettings } from '../../catalog/types/text';
import { findTimeZone, UTC } from '../../catalog/types/timezone';
import type { ContextName } from './function-row';
import { compileParser, type InputStyles } from './parse-text';

/** Between text and representations, as bind time, casts and results need it. */

export type SessionValues = Readonly<Partial<Record<ContextName, Repr>>>;

export function decimalFromText(text: string): string {
  return parseDecimal(text);
}

export function floatFromText(text: string): bigint | number {
  return floatToRepr(parseFloatText(text));
}

/** What text output depends on, from the session's values. */
export function textSettings(values: SessionValues): TextSettings {
  const zone = values.timeZone;
  return {
    timeZone: (typeof zone === 'string' ? findTimeZone(zone) : undefined) ?? UTC,
    extraFloatDigits: Number(values.extraFloatDigits ?? 0),
    byteaOutput: (values.byteaOutput ?? 'hex') as ByteaOutput,
    intervalStyle: (values.intervalStyle ?? 'postgres') as IntervalStyle,
  };
}

/** What text input depends on, besides the time zone. */
export function inputStyles(values: SessionValues): InputStyles {
  const order = String(values.dateStyle ?? '').slice(-3);
  return {
    dateOrder: order === 'DMY' || order === 'YMD' ? order : 'MDY',
    signForAll: values.intervalStyle === 'sql_standard',
  };
}

/** What casts to and from text ask of the session. */
export const TEXT_CONTEXT: readonly ContextName[] = [
  'timeZone',
  'transactionTimestamp',
  'extraFloatDigits',
  'byteaOutput',
  'intervalStyle',
  'dateStyle',
];

/** Keeps what was made for the last settings (in the order of TEXT_CONTEXT): they hardly ever change within a statement. */
export function withSettings<T>(compile: (values: SessionValues) => T): (...context: Repr[]) => T {
  let last: readonly Repr[] = [];
  let made: T | undefined;
  return (
    timeZone = null,
    _now = null,
    extraFloatDigits = null,
    byteaOutput = null,
    intervalStyle = null,
    dateStyle = null,
  ) => {
    const same =
      last[0] === timeZone &&
      last[1] === extraFloatDigits &&
      last[2] === byteaOutput &&
      last[3] === intervalStyle &&
      last[4] === dateStyle;
    if (made !== undefined && same) return made;
    last = [timeZone, extraFloatDigits, byteaOutput, intervalStyle, dateStyle];
    made = compile({ timeZone, extraFloatDigits, byteaOutput, intervalStyle, dateStyle });
    return made;
  };
}

const DEFAULTS = textSettings({});

/** An encoder for types whose text no setting changes. */
export function textEncoder(type: SqlType): TextEncoder {
  return compileTextEncoder(type, DEFAULTS);
}

/** What a cast to STRING gives. It differs from what clients are sent: BOOL is spelled out. */
export function castTextEncoder(type: SqlType, values: SessionValues): TextEncoder {
  if (type.family === 'bool') return (value) => (Number(value) === 0 ? 'false' : 'true');
  return compileTextEncoder(type, textSettings(values));
}

const EPOCH_2000_SECONDS_MICROS = BigInt(EPOCH_2000_SECONDS) * 1_000_000n;

const CLOCK_FAMILIES: ReadonlySet<TypeFamily> = new Set([
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
]);

/** A text whose meaning depends on when it is read: no constant. */
export function isClockWord(text: string, type: SqlType): boolean {
  return CLOCK_FAMILIES.has(type.family) && /^\s*(now|today|tomorrow|yesterday)\s*$/i.test(text);
}

/** No setting changes how their text is read. */
const PLAIN_FAMILIES: ReadonlySet<TypeFamily> = new Set([
  'int',
  'string',
  'bool',
  'decimal',
  'uuid',
]);

const plainDecoders = new WeakMap<SqlType, TextDecoder>();

function plainDecoder(type: SqlType): TextDecoder {
  let decoder = plainDecoders.get(type);
  if (decoder === undefined) {
    decoder = compileParser(type, UTC);
    plainDecoders.set(type, decoder);
  }
  return decoder;
}

/** Reads texts as values of the type, under these settings. */
export function compileDecoder(type: SqlType, values: SessionValues): TextDecoder {
  if (PLAIN_FAMILIES.has(type.family)) return plainDecoder(type);
  const began = values.transactionTimestamp;
  const now =
    typeof began === 'bigint' ? (): bigint => began + EPOCH_2000_SECONDS_MICROS : undefined;
  return compileParser(type, textSettings(values).timeZone, now, inputStyles(values));
}

/** Reads a string constant as a value of the type. @throws SqlError as the type's input does. */
export function decodeText(text: string, type: SqlType, values: SessionValues): Repr {
  return compileDecoder(type, values)(text);
}
