import { z } from 'zod';
import type { DownstreamSpec } from '../../contracts/downstream.ts';
import { parseConnectionString } from '../../pg/libpq/parse.ts';
import { messageOf } from '../../std/errors.ts';

const sinkSchema = z
  .strictObject({
    dsn: z
      .string()
      .superRefine(refuseDsn)
      .describe("libpq's connection string of where it writes to, without a password."),
    query: z
      .string()
      .min(1)
      .describe(
        'Gives the columns writer and seq of each delivered write, and sound if it can tell; {table}: the table of the load.',
      ),
  })
  .describe("Where somebody else's consumer writes to, read at the end of the run.");

const consumerSchema = z.strictObject({
  consumer: z
    .enum(['cdc', 'subscription', 'own'])
    .optional()
    .describe(
      "cdc: logical decoding with pgoutput, exactly once into a PostgreSQL of the lab (default). subscription: PostgreSQL's own logical " +
        'replication into it. own: yours, which writes to `sink` (default where there is one).',
    ),
  slot: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'must be lower-case letters, digits and _: at most 63')
    .optional()
    .describe('Its logical replication slot; default: forkpoint_ and its name; of `own`: none.'),
  failover: z
    .boolean()
    .optional()
    .describe(
      'Its slot is a failover slot, which replicas with sync_replication_slots keep a copy of (PostgreSQL 17 or later); default: false.',
    ),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'A program of your own in place of the consumer, as a list of words; it gets the same input.',
    ),
  sink: z
    .union([z.literal('file'), sinkSchema])
    .optional()
    .describe(
      "file: a consumer cdc writes JSON lines into the run's folder instead of the sink of the lab. Of somebody else's consumer: what it writes to.",
    ),
});

type Given = z.infer<typeof consumerSchema>;

/** `downstream: { feed: { slot: feed } }` */
export const downstreamSchema = z
  .record(z.string(), consumerSchema)
  .transform((given, context): readonly DownstreamSpec[] => {
    const found = Object.entries(given).map(([name, each]) => specOf(name, each));
    const refuse = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (found.length === 0) refuse([], 'names no consumer');
    found.forEach(({ name, consumer, slot, failover, sink, writesTo }, at) => {
      if (!/^[a-z][a-z0-9_]{0,39}$/.test(name)) {
        refuse([name], 'must be a name of lower-case letters, digits and _, such as feed');
      }
      if (consumer !== 'cdc' && writesTo) {
        refuse([name, 'sink'], `is a file of consumer cdc alone; this one is ${consumer}`);
      } else if (consumer === 'own' && !sink) {
        refuse([name, 'sink'], 'is needed: where your consumer writes to, and how to read it');
      }
      if (consumer !== 'own' && sink) {
        refuse([name, 'sink'], `is of consumer own; ${consumer} writes to the sink of the lab`);
      }
      if (consumer === 'subscription' && given[name]?.command) {
        refuse([name, 'command'], 'starts a program, and a subscription is the work of its sink');
      }
      if (failover && consumer === 'own') {
        refuse(
          [name, 'failover'],
          'is of slots that Forkpoint makes, and that of consumer own is yours',
        );
      }
      const other = slot && found.slice(0, at).find((each) => each.slot === slot);
      if (!other) return;
      refuse([name, 'slot'], `is the slot of ${other.name}, too: each consumer needs its own`);
    });
    return found;
  })
  .describe("Consumers of the run's tables, outside of the cluster.");

function specOf(name: string, { slot, failover, command, sink, ...given }: Given): DownstreamSpec {
  const consumer = given.consumer ?? (sink && sink !== 'file' ? 'own' : 'cdc');
  const reads = slot ?? (consumer === 'own' ? undefined : `forkpoint_${name}`);
  return {
    name,
    consumer,
    ...(reads !== undefined && { slot: reads }),
    ...(failover && { failover }),
    ...(command && { command }),
    ...(sink === 'file' ? { writesTo: sink } : sink && { sink }),
  };
}

/** The plan is kept in the run's folder: no password may be in it. */
function refuseDsn(dsn: string, context: z.RefinementCtx): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  try {
    if (!parseConnectionString(dsn).has('password')) return;
    refuse('must not have a password: put it in a password file (~/.pgpass) or in PGPASSWORD');
  } catch (error) {
    refuse(messageOf(error));
  }
}
