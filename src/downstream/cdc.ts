/**
 * Process entry of the consumer: its input is a line of JSON on standard input, which stays open as long as the harness lives; what it
 * does is a line of JSON on standard output each. SIGTERM: it delivers what it has received, and ends.
 */
import { createInterface } from 'node:readline';
import type { ConsumerInput, ConsumerLine } from '../contracts/downstream.ts';
import { messageOf } from '../std/errors.ts';
import { Gap } from './check-source.ts';
import { consume, type Say } from './consumer.ts';

const stop = new AbortController();
const say: Say = (line) => {
  const timed = { ...line, atNs: String(process.hrtime.bigint()) } as ConsumerLine;
  process.stdout.write(`${JSON.stringify(timed)}\n`);
};

process.on('SIGTERM', () => stop.abort(new Error('asked to end')));
// Ctrl-C signals the terminal's whole process group; the harness decides.
process.on('SIGINT', () => undefined);
process.stdin.on('end', () => process.exit(1));
process.stdin.on('error', () => process.exit(1));
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void run(JSON.parse(line) as ConsumerInput));

async function run(input: ConsumerInput): Promise<void> {
  say({ type: 'started', pid: process.pid });
  try {
    await consume(input, say, stop.signal);
    say({ type: 'stopped', isAsked: true, why: 'asked to end' });
  } catch (error) {
    const why = messageOf(error);
    const isAsked = error === stop.signal.reason;
    if (error instanceof Gap) say({ type: 'gap', fromLsn: error.fromLsn, toLsn: error.toLsn, why });
    say({ type: 'stopped', isAsked, why });
  }
  process.stdout.end(() => process.exit(0));
}
