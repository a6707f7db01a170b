import { z } from 'zod';
import { formatDuration, formatLatency, formatRate, formatSize } from './format.ts';
import {
  clip,
  durationUnits,
  latencyUnits,
  percentUnits,
  quantityPattern,
  rateUnits,
  readQuantity,
  sizeUnits,
  textOf,
  type Quantity,
} from './quantity.ts';

export type ComparisonKind = 'count' | 'duration' | 'latency' | 'percent' | 'size' | 'rate';

/**
 * A scenario's demand on a number: `0`, `">= 1"`, `"< 15s"`, `"1..5"` (both ends included).
 * Units: milliseconds, percent, bytes or operations per second, by `kind`.
 */
export type Comparison =
  | { readonly kind: ComparisonKind; readonly op: Operator; readonly value: number }
  | {
      readonly kind: ComparisonKind;
      readonly op: '..';
      readonly value: number;
      readonly upTo: number;
    };
type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

interface Kind {
  readonly pattern: string;
  readonly read: (text: string) => number | { problem: string };
  readonly format: (value: number) => string;
}

const kinds: Readonly<Record<ComparisonKind, Kind>> = {
  count: { pattern: String.raw`\d+`, read: readCount, format: String },
  duration: quantityKind(durationUnits, formatDuration),
  latency: quantityKind(latencyUnits, formatLatency),
  percent: quantityKind(percentUnits, (value) => `${value}%`),
  size: quantityKind(sizeUnits, formatSize),
  rate: quantityKind(rateUnits, formatRate),
};

const OPERATOR = '==|!=|<=|>=|<|>';

/** A zod schema of a demand on a number of this kind. */
export function comparison(kind: ComparisonKind) {
  const { pattern } = kinds[kind];
  const grammar = new RegExp(`^(?:(?:(?:${OPERATOR}) ?)?${pattern}|${pattern}\\.\\.${pattern})$`);
  const problemOf = (input: unknown): string => {
    if (input === undefined || input === null) return `needs a ${kind} or a demand such as "< 5"`;
    const read = readComparison(textOf(input), kind);
    return 'problem' in read ? read.problem : `'${clip(textOf(input))}' must be written as text`;
  };
  const text = z
    .string({ error: (issue) => problemOf(issue.input) })
    .trim()
    .regex(grammar, { error: (issue) => problemOf(issue.input) });
  const whole = z.int({ error: (issue) => problemOf(issue.input) }).nonnegative();
  const either = z.union([whole, text], { error: (issue) => problemOf(issue.input) });
  const input = kind === 'count' ? either : text;
  return input.transform((value, context): Comparison => {
    const read = readComparison(String(value), kind);
    if (!('problem' in read)) return read;
    context.addIssue({ code: 'custom', message: read.problem });
    return z.NEVER;
  });
}

/** Any comparison-shaped object as text, even when its fields are wrong. */
export function isComparisonLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'op' in value && 'kind' in value;
}

/** A schema for a stored comparison, in the shape that `comparison` makes. */
export function isComparison(demand: unknown): demand is Comparison {
  return comparisonSchema.safeParse(demand).success;
}

const finite = z.number();
const kind = z.enum(['count', 'duration', 'latency', 'percent', 'size', 'rate']);
const comparisonSchema = z.union([
  z.looseObject({ kind, op: z.enum(['==', '!=', '<', '<=', '>', '>=']), value: finite }),
  z.looseObject({ kind, op: z.literal('..'), value: finite, upTo: finite }),
]);

/** Whether a measured number meets the demand. */
export function compare(measured: number, demand: Comparison): boolean {
  switch (demand.op) {
    case '==':
      return measured === demand.value;
    case '!=':
      return measured !== demand.value;
    case '<':
      return measured < demand.value;
    case '<=':
      return measured <= demand.value;
    case '>':
      return measured > demand.value;
    case '>=':
      return measured >= demand.value;
    case '..':
      return measured >= demand.value && measured <= demand.upTo;
  }
}

/** As the scenario would spell it: '0', '>= 1', '< 15s', '1..5'. */
export function formatComparison(demand: Comparison): string {
  const { format } = kinds[demand.kind];
  if (demand.op === '..') return `${format(demand.value)}..${format(demand.upTo)}`;
  return demand.op === '==' ? format(demand.value) : `${demand.op} ${format(demand.value)}`;
}

function readComparison(text: string, kind: ComparisonKind): Comparison | { problem: string } {
  const { read } = kinds[kind];
  const [low, high] = text.includes('..') ? text.split('..', 2) : [];
  if (low !== undefined && high !== undefined) {
    const value = read(low);
    const upTo = read(high);
    if (typeof value !== 'number') return value;
    if (typeof upTo !== 'number') return upTo;
    if (value <= upTo) return { kind, op: '..', value, upTo };
    return { problem: `'${clip(text)}' is a range whose end is below its start` };
  }
  const match = new RegExp(`^(${OPERATOR})?(.*)$`, 's').exec(text.trim());
  const value = read(match?.[2]?.trim() ?? '');
  if (typeof value !== 'number') return value;
  return { kind, op: (match?.[1] ?? '==') as Operator, value };
}

function readCount(text: string): number | { problem: string } {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return { problem: `'${clip(text)}' is not a count such as 0, ">= 1", "< 5" or "1..5"` };
}

function quantityKind(quantity: Quantity, format: (value: number) => string): Kind {
  return {
    pattern: quantityPattern(quantity),
    read: (text) => readQuantity(text, quantity),
    format,
  };
}
