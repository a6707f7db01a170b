import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerInput, ConsumerLine, SourceNode } from '../contracts/downstream.ts';
import { connect } from '../pg/connect.ts';
import { SqlError } from '../pg/session.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { Batcher } from './batcher.ts';
import { isSamePosition, type Position } from './change.ts';
import { checkSource, Gap } from './check-source.ts';
import { openSink } from './open-sink.ts';
import { Outbox } from './outbox.ts';
import { OwnState } from './own-state.ts';
import { isDefinite, pauseMs } from './retry.ts';
import type { Progress, Sink } from './sink.ts';
import { Staging } from './staging.ts';
import { ChangeStream } from './stream.ts';

type Untimed<Line> = Line extends unknown ? Omit<Line, 'atNs'> : never;
export type Say = (line: Untimed<ConsumerLine>) => void;

const connectTimeoutMs = 2_000;
const queryTimeoutMs = 5_000;
/** Of a batch that is not full, of what it says of itself, and of the feedback to the server, which waits 5 s in a lab. */
const tickMs = 1_000;
/** A new primary takes seconds: more than a few attempts are needed, and none should come long after it. */
const longestSourcePauseMs = 1_000;
const drainMs = 30_000;

interface Consuming {
  readonly input: ConsumerInput;
  readonly sink: Sink;
  readonly say: Say;
  readonly outbox: Outbox;
  readonly state: OwnState;
  readonly stop: AbortSignal;
}

/**
 * Copies the changes of the publication to the sink until `stop`; then what was received is delivered within 30 s.
 * Errors: the reason of `stop`, when it has not found its sink yet; Gap; the sink's definite refusal; ClusterError when the sink did
 * not take the rest in time.
 */
export async function consume(input: ConsumerInput, say: Say, stop: AbortSignal): Promise<void> {
  let stoppedMs: number | undefined;
  const onStop = () => {
    stoppedMs = performance.now();
  };
  stop.addEventListener('abort', onStop, { once: true });
  const sink = openSink(input);
  const staging = new Staging(input.folder);
  const from = await progressOf(sink, input, { say, stop });
  const outbox = new Outbox({
    sink,
    staging,
    from,
    delivered: (batch, { changes, to }) =>
      say({ type: 'delivered', batch, changes: changes.length, lsn: to.lsn }),
    retries: (what, isAway) =>
      say({ type: 'retry', what, ...(isAway && { waitsFor: 'sink' as const }) }),
  });
  const state = new OwnState(outbox, staging);
  const tellState = setInterval(() => say(state.line(Date.now())), tickMs);
  try {
    for (const batch of staging.recover(input.folder, from.position)) await outbox.put(batch, true);
    await Promise.race([keepStreaming({ input, sink, say, outbox, state, stop }), outbox.failed]);
    // The stream has waited for a part of it.
    const restMs = drainMs - (performance.now() - (stoppedMs ?? performance.now()));
    if (!(await within(outbox.drained(), Math.max(0, restMs)))) {
      throw new ClusterError(
        `the sink did not take the rest within ${drainMs / 1000} s; it is kept`,
      );
    }
  } finally {
    stop.removeEventListener('abort', onStop);
    clearInterval(tellState);
    outbox.close();
    await sink.close();
    staging.close();
  }
}

/** Where the sink is. It may be away at the start, too. */
async function progressOf(
  sink: Sink,
  { fromLsn, timeline }: ConsumerInput,
  { say, stop }: Pick<Consuming, 'say' | 'stop'>,
): Promise<Progress> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sink.progress({ lsn: fromLsn, timeline, inside: null });
    } catch (error) {
      if (isDefinite(error)) throw error;
      say({ type: 'retry', what: `sink: ${messageOf(error)}`, waitsFor: 'sink' });
      await sink.close();
      await sleep(pauseMs(attempt), undefined, { signal: stop }).catch(() => undefined);
      stop.throwIfAborted();
    }
  }
}

/** One stream after the other, on whichever node is primary. */
async function keepStreaming(consuming: Consuming): Promise<void> {
  const { say, state, stop } = consuming;
  for (let attempt = 1; !stop.aborted; attempt++) {
    try {
      if (await streamOnce(consuming)) attempt = 0;
    } catch (error) {
      const asGap = gapOf(error, consuming.outbox.last);
      if (asGap && !(await hasMoved(consuming))) throw asGap;
      state.failedAttempts++;
      say({ type: 'retry', what: messageOf(error), waitsFor: 'source' });
    }
    const waitMs = Math.min(pauseMs(attempt + 1), longestSourcePauseMs);
    await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** What a server says that has not got what it is asked for: 55000 for an invalidated slot, 58P01 for removed WAL, 42704 for no slot. */
const goneStates = new Set(['55000', '58P01', '42704']);

function gapOf(error: unknown, { lsn }: Position): Gap | undefined {
  if (error instanceof Gap) return error;
  const { code } = error as { readonly code?: string };
  if (code === undefined || !goneStates.has(code)) return undefined;
  return new Gap({ fromLsn: lsn, toLsn: lsn }, messageOf(error));
}

/** Returns whether anything was received. Errors: what broke the stream; Gap. */
async function streamOnce(consuming: Consuming): Promise<boolean> {
  const { input, sink, say, outbox, state, stop } = consuming;
  const { slot, publication, source } = input;
  await lookAtSink(sink, outbox);
  const { node, isEncrypted, timeline } = await findPrimary(input, outbox.last, stop);
  const position = { ...outbox.last, timeline };
  const batcher = new Batcher(position, (batch) => outbox.put(batch));
  let hasReceived = false;
  const stream = new ChangeStream({
    node,
    isEncrypted,
    login: source,
    slot,
    publication,
    fromLsn: position.lsn,
    message: async (message) => {
      hasReceived = true;
      // What comes after the request to end is the next consumer's.
      if (!stop.aborted) await batcher.message(message);
    },
  });
  state.batcher = batcher;
  say({ type: 'streaming', node: node.name, timeline, fromLsn: position.lsn });
  const tick = setInterval(() => {
    stream.confirm(outbox.confirmed.lsn).catch(() => undefined);
    batcher.flush().catch(() => undefined);
  }, tickMs);
  const asked = Promise.withResolvers<undefined>();
  const onStop = () => asked.resolve(undefined);
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  try {
    await Promise.race([stream.ended, asked.promise, outbox.overtaken]);
    await batcher.flush();
    // Else the server would keep, and send again, what the sink has.
    if (await within(outbox.drained(), drainMs)) await stream.confirm(outbox.confirmed.lsn);
  } finally {
    stop.removeEventListener('abort', onStop);
    clearInterval(tick);
    state.batcher = undefined;
    stream.close();
  }
  return hasReceived;
}

/** Whether another process has brought the sink further than this one knew when it compared it with the slot: then there is no gap. */
async function hasMoved({ sink, outbox }: Consuming): Promise<boolean> {
  const { last } = outbox;
  if (!(await within(outbox.drained(), drainMs))) return false;
  await lookAtSink(sink, outbox);
  return !isSamePosition(outbox.last, last);
}

/** Another process of the consumer may have gone on while this one waited. A sink that is away is asked when there is something for it. */
async function lookAtSink(sink: Sink, outbox: Outbox): Promise<void> {
  if (!outbox.isEmpty) return;
  try {
    outbox.goOnFrom(await sink.look());
  } catch (error) {
    if (isDefinite(error)) throw error;
  }
}

interface Primary {
  readonly node: SourceNode;
  readonly isEncrypted: boolean;
  readonly timeline: number;
}

async function findPrimary(
  { nodes, source, slot }: ConsumerInput,
  position: Position,
  signal: AbortSignal,
): Promise<Primary> {
  const answers: string[] = [];
  for (const node of nodes) {
    try {
      await using session = await connect(node, source, {
        connectTimeoutMs,
        queryTimeoutMs,
        signal,
        applicationName: 'forkpoint cdc',
      });
      const [role] = await session.rows<{ replica: boolean; isEncrypted: boolean | null }>(
        `SELECT pg_is_in_recovery() AS replica,
           (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS "isEncrypted"`,
      );
      if (role?.replica === false) {
        const timeline = await checkSource(session, { slot, node: node.name, position });
        return { node, isEncrypted: role.isEncrypted === true, timeline };
      }
      answers.push(`${node.name} is a replica`);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      answers.push(`${node.name}: ${messageOf(error)}`);
    }
  }
  throw new ClusterError(`no primary: ${answers.join('; ')}`);
}

/** Whether it came to an end in time. */
async function within(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = sleep(timeoutMs, false, { signal: late.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    late.abort();
  }
}
