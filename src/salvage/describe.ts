import type { SalvageSummary } from '../contracts/salvage.ts';
import { csvName, sqlName } from './salvage-files.ts';

const partial =
  'only rows of tables that Forkpoint tracks, that are whole there and have the checksum of what was sent';

/** '177 of 177 lost writes were salvaged in a container of forkpoint-cluster:pg17: evidence/salvaged.csv' */
export function salvageSentence(summary: SalvageSummary): string {
  const { lost, salvaged, readIn = [], fromWal = 0, problems } = summary;
  const where = salvaged === fromWal ? '' : [...new Set(readIn)].join(' and ');
  const what = `${salvaged} of ${lost} lost writes were salvaged${where && ` in ${where}`}${fromWal > 0 ? `, ${fromWal} of them decoded from WAL, which is partial` : ''}`;
  if (salvaged > 0) return `${what}: evidence/${csvName}`;
  return [what, ...problems.slice(0, 1)].join(': ');
}

export function salvageLines(summary: SalvageSummary): readonly string[] {
  const {
    fromWal = 0,
    walRead = [],
    unsalvageable,
    conflicts,
    putBack,
    notAsSent,
    problems,
    copies,
    rows,
  } = summary;
  const classes = Object.entries(conflicts).map(([name, count]) => `${count} ${name}`);
  return [
    salvageSentence(summary),
    ...(rows > 0 ? [`Rows on the primary at the end of the run: ${classes.join(', ')}`] : []),
    ...(putBack > 0 ? [`evidence/${sqlName} puts ${putBack} back`] : []),
    ...(notAsSent > 0 ? [`Not as the client sent them: ${notAsSent}`] : []),
    ...unsalvageable.map(({ why, writes }) => `Not salvaged: ${writes}: ${why}`),
    ...(fromWal > 0 ? [`Decoded from WAL, without an index or a catalog: ${partial}`] : []),
    ...(copies.length > 0 ? [`Read: ${copies.join(', ')}`] : []),
    ...(walRead.length > 0 ? [`Decoded: WAL of ${walRead.join(', ')}`] : []),
    ...problems.map((problem) => `Problem: ${problem}`),
  ];
}
