import { z } from 'zod';
import type { LoadSpec } from '../../contracts/scenario.ts';
import { size } from '../../std/units/units.ts';

const mostBytes = 1024 ** 2;
const oneSize = size.refine((bytes) => bytes >= 1 && bytes <= mostBytes, 'must be 1B to 1MB');

/** `256B`, or `200B..2kB`: each row has a size between the two. */
export const payloadShape = z
  .union([z.string(), z.number()])
  .transform((written, context): Pick<LoadSpec, 'payloadBytes' | 'payloadMostBytes'> => {
    const texts = String(written).split('..');
    const sizes = texts.map((text) => oneSize.safeParse(text.trim()));
    const wrong = sizes.find(({ success }) => !success);
    const [least = 0, most = least] = sizes.map(({ data = 0 }) => data);
    const message =
      wrong?.error?.issues[0]?.message ??
      (texts.length > 2 ? 'must be one size, or two with .. between them' : undefined) ??
      (least > most ? 'must have the smaller size first' : undefined);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    return { payloadBytes: least, ...(most > least && { payloadMostBytes: most }) };
  })
  .describe('Size of the content of a row, such as 256B, or a range such as 200B..2kB.');
export const payloadSchema = payloadShape.prefault('256B');

const commitLevels = ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const;

/** Keys of `load:` that say what its transactions are. */
export const transactionShape = {
  isolation: z
    .enum(['read committed', 'repeatable read', 'serializable'])
    .optional()
    .describe("Isolation level of every transaction; default: the server's."),
  // YAML 1.2 reads off and on as text; editors and YAML 1.1 as booleans.
  synchronousCommit: z
    .union([z.enum(commitLevels), z.boolean()])
    .transform((level) => (typeof level === 'boolean' ? (level ? 'on' : 'off') : level))
    .optional()
    .describe('synchronous_commit of every transaction; default: as the server is configured.'),
  savepoints: z
    .boolean()
    .default(false)
    .describe('Whether every statement has a savepoint of its own.'),
};

type Options = Pick<LoadSpec, 'isolation' | 'synchronousCommit' | 'savepoints'>;

/** Only what the file says: a plan holds no key that is without effect. */
export function transactionOf({
  isolation,
  synchronousCommit,
  savepoints,
}: { readonly [Key in keyof Options]: Options[Key] | undefined }): Options {
  return {
    ...(isolation !== undefined && { isolation }),
    ...(synchronousCommit !== undefined && { synchronousCommit }),
    ...(savepoints === true && { savepoints }),
  };
}
