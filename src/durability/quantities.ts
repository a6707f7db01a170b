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
  /** '' for a bare number: it counts in the setting's own unit, which its text does not tell. */
  readonly unit: 'bytes' | 'microseconds' | '';
  readonly amount: number;
}

/** A setting's value in one unit; text that is no quantity comes back in PostgreSQL's own spelling of it. */
export function quantityOf(text: string): SettingQuantity | string {
  const plain = text.trim();
  const [, number = '', unit = ''] = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(plain) ?? [];
  if (number !== '') {
    if (unit === '') return { unit: '', amount: Number(number) };
    const size = bytes[unit];
    if (size !== undefined) return { unit: 'bytes', amount: Number(number) * size };
    const time = microseconds[unit];
    if (time !== undefined) return { unit: 'microseconds', amount: Number(number) * time };
  }
  const word = plain.toLowerCase();
  if (['true', 'yes'].includes(word)) return 'on';
  return ['false', 'no'].includes(word) ? 'off' : word;
}
