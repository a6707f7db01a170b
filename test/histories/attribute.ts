import type { ReadBack } from '../../src/contracts/evidence.ts';
import { ancestryOf } from '../../src/judge/causes/ancestry.ts';
import { type AttributionInput, Attributor } from '../../src/judge/causes/attribute.ts';
import { commitsOf } from '../../src/judge/causes/boundary.ts';
import { forksOf } from '../../src/judge/causes/forks.ts';
import { patternOf } from '../../src/judge/causes/loss-pattern.ts';
import { ServerLog } from '../../src/judge/causes/servers.ts';
import { judgePrimary } from '../../src/judge/ledger/fates.ts';
import { foldInMemory, NODES, visit, type MemoryJournal } from './in-memory.ts';

type Given = Pick<AttributionInput, 'sightings' | 'mayBeUnflushed' | 'lockThefts' | 'unlogged'>;

/** The lost ranges of journals that are in no file, each with its cause, as a run's judgement finds them. */
export function attributeInMemory(
  journals: readonly MemoryJournal[],
  readBack: ReadBack,
  given: Given,
) {
  const servers = new ServerLog(ancestryOf(readBack));
  const ledger = foldInMemory(journals, {}, servers);
  const primary = readBack.nodes.find(({ node }) => node === readBack.primary);
  if (!primary) throw new Error('the primary of the read-back is none of its nodes');
  const verdict = judgePrimary(ledger, primary);
  const log = servers.servers();
  const attributor = new Attributor({
    lost: verdict.lost,
    ancestry: ancestryOf(readBack),
    servers: log,
    commits: commitsOf(readBack),
    ...given,
  });
  for (const { records, writers, firstWriter } of journals) {
    const header = { schemaVersion: 1, runId: 'run', worker: 0, originNs: '0', nodes: NODES };
    attributor.begin({ ...header, schemaVersion: 1, firstWriter, writers });
    visit(records, attributor);
  }
  const { ranges, order } = attributor.finish();
  const pattern = patternOf(ledger, verdict, primary, order);
  return { ranges: [...ranges], pattern, forks: forksOf(readBack, log, []) };
}
