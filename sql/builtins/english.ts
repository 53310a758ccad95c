import { STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** `to_english(-12)`: each digit by its name. */

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function toEnglish(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString();
  const words = Array.from(digits, (digit) => DIGITS[Number(digit)] ?? '');
  return (value < 0n ? ['minus', ...words] : words).join('-');
}

export const englishBuiltins: readonly FunctionRow[] = [
  udf('to_english', ['int'], STRING, toEnglish),
];
