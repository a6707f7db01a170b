const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const microseconds: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 6e7,
  h: 3.6e9,
  d: 8.64e10,
};

export interface SettingQuantity {
  /** '' for a bare number of an unknown unit. */
  readonly unit: 'bytes' | 'microseconds' | '';
  readonly amount: number;
}

/**
 * A setting's value in one unit; undefined where it is no number.
 * `base`: what a bare number counts in, as pg_settings says it: 'ms', 'kB', '8kB'.
 * Source: PostgreSQL, guc.c, parse_int: 0x1F and 017 are numbers, too; -1 and 0 mean the same in every unit.
 */
export function quantityOf(text: string, base = ''): SettingQuantity | undefined {
  const shape = /^([-+]?)(0x[0-9a-f]+|0[0-7]+|\d*\.?\d+(?:e[-+]?\d+)?|\d+\.)\s*([a-zA-Z]*)$/i;
  const [, sign = '', digits, unit = ''] = shape.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]+$/.test(digits);
  const amount = (octal ? Number.parseInt(digits, 8) : Number(digits)) * (sign === '-' ? -1 : 1);
  if (unit !== '') return scaled(amount, unit);
  const [, blocks = '1', baseUnit = ''] = /^(\d*)([a-zA-Z]+)$/.exec(base) ?? [];
  return baseUnit === '' ? { unit: '', amount } : scaled(amount * Number(blocks || 1), baseUnit);
}

function scaled(amount: number, unit: string): SettingQuantity | undefined {
  const size = bytes[unit];
  if (size !== undefined) return { unit: 'bytes', amount: amount * size };
  const time = microseconds[unit];
  return time === undefined ? undefined : { unit: 'microseconds', amount: amount * time };
}
