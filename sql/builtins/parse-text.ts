import { SqlError } from '../../base/errors';
import { parseBox2d } from '../../catalog/types/box2d';
import { parseBytes } from '../../catalog/types/bytes';
import { parseDecimal } from '../../catalog/types/decimal';
import { parseEnum } from '../../catalog/types/enum';
import { floatToRepr, parseFloatText } from '../../catalog/types/float';
import { parseInet } from '../../catalog/types/inet';
import { parseJson } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { messageTypeName } from '../../catalog/types/type-name';
import { parseUuid } from '../../catalog/types/uuid';

export function parseTextAs(text: string, type: SqlType, _values: unknown): Repr {
  switch (type.family) {
    case 'string':
    case 'collatedstring':
      return text;
    case 'int':
    case 'oid':
      if (/^\s*[+-]?\d+\s*$/.test(text)) return BigInt(text);
      throw new SqlError(
        'invalidTextRepresentation',
        `could not parse "${text}" as type int: strconv.ParseInt: parsing "${text}": invalid syntax`,
      );
    case 'bool':
      if (/^\s*(t|tr|tru|true|y|ye|yes|on|1)\s*$/i.test(text)) return 1n;
      if (/^\s*(f|fa|fal|fals|false|n|no|of|off|0)\s*$/i.test(text)) return 0n;
      throw new SqlError(
        'invalidTextRepresentation',
        `could not parse "${text}" as type bool: invalid bool value`,
      );
    case 'decimal':
      return parseDecimal(text);
    case 'float':
      return floatToRepr(parseFloatText(text));
    case 'json':
      return parseJson(text);
    case 'uuid':
      return parseUuid(text);
    case 'inet':
      return parseInet(text);
    case 'bytes':
      return parseBytes(text);
    case 'box2d':
      return parseBox2d(text);
    case 'enum':
      return parseEnum(text, type);
    default:
      throw new SqlError('featureNotSupported', `parsing ${messageTypeName(type)}`);
  }
}
