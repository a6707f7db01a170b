import type { Statement } from '../../contracts/workload.ts';
import { quoteIdentifier } from '../../pg/quote.ts';

/** A table of the run's schema, quoted. */
export function tableIn(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${name}`;
}

/** A statement that is sent once. */
export function plain(text: string, ...values: readonly unknown[]): Statement {
  return { text, values };
}

/** A statement that each connection prepares under this name; its values are given with each operation. */
export function prepared(name: string, text: string): Statement {
  return { name, text, values: [] };
}
