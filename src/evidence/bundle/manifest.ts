import { z } from 'zod';

/** MANIFEST.json, the first file of a bundle. */
export interface Manifest {
  readonly schemaVersion: 1;
  readonly kind: 'forkpoint-bundle';
  /** The parts of the run that could be read. */
  readonly run: {
    readonly runId: string | null;
    readonly scenario: string | null;
    readonly startedAt: string | null;
    readonly status: 'pass' | 'fail' | 'unknown' | 'knownDefect' | null;
  };
  /** Versions of the Forkpoint that packed it and of the run. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why it cannot be judged; null: it was judged after scrubbing. */
  readonly notJudgeable: string | null;
  /** In the order of the archive, without the manifest itself. */
  readonly files: readonly ManifestFile[];
  /** Logs whose middle is missing. */
  readonly cut: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly keptBytes: number;
  }[];
  readonly leftOut: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly why: string;
  }[];
  /** How many secrets were masked; every occurrence counts. */
  readonly masked: number;
}

export interface ManifestFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const manifestName = 'MANIFEST.json';

// Names stand in messages, each on one line.
const text = z.string().regex(/^\P{Cc}*$/u, 'holds control characters');
const bytes = z.int().nonnegative();

export const manifestSchema = z.looseObject({
  schemaVersion: z.literal(1),
  kind: z.literal('forkpoint-bundle'),
  run: z.looseObject({ runId: text.nullable(), scenario: text.nullable() }),
  versions: z.record(text, text),
  notJudgeable: text.nullable(),
  files: z.array(z.looseObject({ name: text, bytes, sha256: text.regex(/^[0-9a-f]{64}$/) })),
  cut: z.array(z.looseObject({ name: text, bytes, keptBytes: bytes })),
  leftOut: z.array(z.looseObject({ name: text, bytes, why: text })),
}) as z.ZodType as z.ZodType<Manifest>;
