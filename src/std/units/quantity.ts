import { z } from 'zod';

/** A quantity as people write it: a number and one of these units, each a factor of the base unit. */
export interface Quantity {
  readonly noun: string;
  readonly factors: Readonly<Record<string, number>>;
  /** Two correct spellings for a number that has no unit. */
  hint(bare: number): string;
  /** Largest value in base units, and its name in messages. */
  readonly max: number;
  readonly limit: string;
  /** Whether the value must be a whole number of base units. */
  readonly isWhole: boolean;
}

export const durationUnits: Quantity = {
  noun: 'duration',
  factors: { ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  hint: (bare) => `${bare}s or ${bare * 1000}ms`,
  // Node's timers overflow at 24 days.
  max: 7 * 24 * 3_600_000,
  limit: '7 days',
  isWhole: true,
};

/** A duration that is measured in fractions of a millisecond. */
export const latencyUnits: Quantity = {
  ...durationUnits,
  hint: (bare) => `${bare}ms or ${bare}s`,
  isWhole: false,
};

/** As in PostgreSQL's settings: 1kB is 1024 bytes. */
export const sizeUnits: Quantity = {
  noun: 'size',
  factors: { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 },
  hint: (bare) => `${bare}B or ${bare}kB`,
  max: 1024 ** 4,
  limit: '1024GB',
  isWhole: true,
};

export const rateUnits: Quantity = {
  noun: 'rate',
  factors: { '/s': 1, '/min': 1 / 60, '/h': 1 / 3600 },
  hint: (bare) => `${bare}/s or ${bare * 60}/min`,
  max: 1_000_000,
  limit: '1000000/s',
  isWhole: false,
};

export const percentUnits: Quantity = {
  noun: 'percentage',
  factors: { '%': 1 },
  hint: (bare) => `${bare}%`,
  max: 100,
  limit: '100%',
  isWhole: false,
};

/** Network throughput. Bytes are powers of 1024, as in sizes; bits are powers of 1000, as in network hardware. */
export const bandwidthUnits: Quantity = {
  noun: 'bandwidth',
  factors: {
    'B/s': 1,
    'kB/s': 1024,
    'MB/s': 1024 ** 2,
    'kbit/s': 125,
    'Mbit/s': 125_000,
    'Gbit/s': 125_000_000,
  },
  hint: (bare) => `${bare}MB/s or ${bare}Mbit/s`,
  max: 1_250_000_000,
  limit: '10Gbit/s',
  isWhole: false,
};

const NUMBER = String.raw`\d+(?:\.\d+)?`;

/** Regular expression source of a quantity, without anchors; also goes into the JSON Schema. */
export function quantityPattern(quantity: Quantity): string {
  return `${NUMBER} ?(?:${Object.keys(quantity.factors).join('|')})`;
}

/** The value in base units, or the problem with the text. */
export function readQuantity(text: string, quantity: Quantity): number | { problem: string } {
  const match = new RegExp(`^(-?)(${NUMBER})\\s*(.*)$`).exec(text.trim());
  const [, sign, digits = '', unit = ''] = match ?? [];
  const units = Object.keys(quantity.factors).join(', ');
  if (!match) {
    return { problem: `'${clip(text)}' is not a ${quantity.noun} such as ${exampleOf(quantity)}` };
  }
  if (unit === '') return { problem: `${digits} needs a unit: ${quantity.hint(Number(digits))}` };
  const factor = Object.hasOwn(quantity.factors, unit) ? quantity.factors[unit] : undefined;
  if (factor === undefined) {
    return {
      problem: `'${clip(text)}' has an unknown unit; units of a ${quantity.noun}: ${units}`,
    };
  }
  if (sign) return { problem: `'${clip(text)}' must not be negative` };
  return checkRange(Number(digits) * factor, text, quantity);
}

function checkRange(value: number, text: string, quantity: Quantity): number | { problem: string } {
  const [base = ''] = Object.keys(quantity.factors);
  const whole = Math.round(value);
  if (value > quantity.max) {
    return { problem: `'${clip(text)}' exceeds the limit of ${quantity.limit}` };
  }
  if (!quantity.isWhole) return value;
  // 0.3s is 299.99999999999994 in floating point; 0.0003s really is finer than a millisecond.
  if (Math.abs(value - whole) > 1e-6) return { problem: `'${clip(text)}' is finer than 1${base}` };
  return whole;
}

/** A zod schema whose input is the text (with a pattern for the JSON Schema) and whose output is base units. */
export function quantitySchema(quantity: Quantity) {
  const problemOf = (input: unknown): string => {
    if (input === undefined || input === null) {
      return `needs a ${quantity.noun} such as ${exampleOf(quantity)}`;
    }
    const value = readQuantity(textOf(input), quantity);
    return typeof value === 'number'
      ? `must be text such as ${exampleOf(quantity)}`
      : value.problem;
  };
  return z
    .string({ error: (issue) => problemOf(issue.input) })
    .regex(new RegExp(`^${quantityPattern(quantity)}$`), {
      error: (issue) => problemOf(issue.input),
    })
    .transform((text, context) => {
      const value = readQuantity(text, quantity);
      if (typeof value === 'number') return value;
      context.addIssue({ code: 'custom', message: value.problem });
      return z.NEVER;
    });
}

export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/** An input of any type, quoted for a message. */
export function textOf(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function exampleOf(quantity: Quantity): string {
  return quantity.hint(5).split(' ')[0] ?? '';
}
