import type { Result } from '../contracts/result.ts';
import { rangesOf } from '../std/ranges.ts';

/** One finding of a result about rows from..to of a writer. */
export interface Finding {
  /** `lost insert`, `lost update`, or an anomaly's kind. */
  readonly kind: string;
  readonly node?: string;
  readonly writer: number;
  readonly from: number;
  readonly to: number;
  /** Versions of a lost update, and an anomaly's `why`. */
  readonly detail?: string;
}

/** Every finding of a result. */
export function findingsOf(result: Result): readonly Finding[] {
  return [
    ...result.lostRanges.map(({ kind, writer, from, to, versions }): Finding => {
      const detail = versions && { detail: versionsText(...versions) };
      return { kind: `lost ${kind}`, writer, from, to, ...detail };
    }),
    ...result.anomalies.map(({ kind, node, writer, from, to, why }): Finding => {
      return { kind, node, writer, from, to, ...(why !== null && { detail: why }) };
    }),
  ];
}

export function versionsText(from: number, to: number): string {
  return `versions ${from} to ${to}`;
}

/** A normal form, however the rows were split into ranges: two lists are equal when these are. */
export function namesOf(findings: readonly Finding[]): readonly string[] {
  const alike = Map.groupBy(
    findings,
    ({ kind, node, writer, detail }) =>
      `${kind}${node === undefined ? '' : ` on ${node}`}: writer ${writer}${detail === undefined ? '' : `, ${detail}`}`,
  );
  return [...alike]
    .flatMap(([what, same]) => {
      const seqs = same.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      return rangesOf(seqs).map(([from, to]) => `${what}, rows ${from} to ${to}`);
    })
    .sort();
}
