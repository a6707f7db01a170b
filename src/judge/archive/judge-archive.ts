import type { NodeReading } from '../../contracts/evidence.ts';
import type { ArchiveResult } from '../../contracts/result/archive.ts';
import type { StoredRun } from '../../evidence/store/read-run.ts';
import { AnswerLog } from '../downstream/answer-log.ts';
import { archiveFlaws } from './archive-flaws.ts';
import { judgeRestore } from './judge-restore.ts';
import { neededFiles } from './needed-files.ts';

/** What the archive holds, and what came back from it; undefined where the scenario has none. */
export function archiveResultOf(
  { plan, archive }: Pick<StoredRun, 'plan' | 'archive'>,
  primary: NodeReading | undefined,
  answers = new AnswerLog(),
): ArchiveResult | undefined {
  const { cluster, load } = plan.scenario;
  if (!cluster.archive) return undefined;
  const found = archive?.found;
  if (!found) return unknown(archive?.reason ?? 'the run did not look at it');
  const hasDeletes = load.mix.delete > 0;
  return {
    reason: null,
    needed: neededFiles(found).filter(({ lsn }) => lsn !== null).length,
    isNoted: found.isNoted === true && found.pushes.length > 0,
    flaws: archiveFlaws(found),
    partial: found.files.map(({ name }) => name).filter((name) => name.endsWith('.partial')),
    restores: found.restores.map((restore) =>
      judgeRestore(restore, primary, { answers, hasDeletes }),
    ),
  };
}

function unknown(reason: string): ArchiveResult {
  return { reason, needed: null, flaws: [], partial: [], restores: [] };
}
