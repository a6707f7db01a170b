import { z } from 'zod';
import type { VersionDemand, VersionTerm } from '../../contracts/scenario.ts';
import { clip } from './quantity.ts';

const TERM = String.raw`(?:(==|!=|<=|>=|<|>) ?)?(\d{1,6}(?:\.\d{1,6}){0,3})`;
const termGrammar = new RegExp(`^${TERM}$`);
/** The pattern in the JSON Schema: one term, or several with commas between. */
const demandPattern = `${TERM}(?: ?, ?${TERM})*`;

const error = ({ input }: { readonly input?: unknown }) => problemOf(input);
const text = z
  .string()
  .trim()
  .regex(new RegExp(`^${demandPattern}$`), { error });
const whole = z.int().nonnegative();

/** A zod schema of `15`, `"< 3.0.3"`, `">= 3.2, < 4"`. */
export const versionDemand = z
  .union([whole, text], { error })
  .transform((value): VersionDemand => readVersionDemand(String(value)) ?? []);

/** Undefined when the text is no version demand. */
export function readVersionDemand(text: string): VersionDemand | undefined {
  const terms = text.split(',').map((term) => termGrammar.exec(term.trim()));
  if (terms.some((term) => term === null)) return undefined;
  return terms.map((term) => ({
    op: (term?.[1] ?? '==') as VersionTerm['op'],
    version: term?.[2] ?? '',
  }));
}

/**
 * The numbers of a version as programs print it: `15.20 (Debian 15.20-0+deb12u1)`, `etcd 3.4.23`, `v3.5.16`, `17beta1`
 * (17: anything after the numbers is ignored). Undefined when there is none.
 */
export function versionNumbers(text: string): readonly number[] | undefined {
  return /(?<![\w.])v?(\d+(?:\.\d+)*)/.exec(text)?.[1]?.split('.').map(Number);
}

/** Whether a version meets the whole demand. Each term compares only the numbers it has: 15.20 equals 15, and is not above it. */
export function meetsVersion(numbers: readonly number[], demand: VersionDemand): boolean {
  return demand.every(({ op, version }) => {
    const difference = compareVersions(numbers, version.split('.').map(Number));
    switch (op) {
      case '==':
        return difference === 0;
      case '!=':
        return difference !== 0;
      case '<':
        return difference < 0;
      case '<=':
        return difference <= 0;
      case '>':
        return difference > 0;
      case '>=':
        return difference >= 0;
    }
  });
}

/** As the scenario would spell it: `15`, `< 3.0.3`, `>= 3.2, < 4`. */
export function formatVersionDemand(demand: VersionDemand): string {
  return demand.map(({ op, version }) => (op === '==' ? version : `${op} ${version}`)).join(', ');
}

function compareVersions(numbers: readonly number[], wanted: readonly number[]): number {
  for (const [index, number] of wanted.entries()) {
    const difference = (numbers[index] ?? 0) - number;
    if (difference !== 0) return difference;
  }
  return 0;
}

function problemOf(input: unknown): string {
  if (typeof input === 'number' && !Number.isInteger(input)) {
    return `${input} must be in quotes: "${input}"; YAML reads 3.10 as 3.1`;
  }
  const shown = typeof input === 'string' ? `'${clip(input)}'` : clip(JSON.stringify(input));
  return `${shown} is not a version demand such as 15, "< 3.0.3" or ">= 3.2, < 4"`;
}
