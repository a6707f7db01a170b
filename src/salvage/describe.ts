import type { SalvageSummary } from '../contracts/salvage.ts';
import { csvName, sqlName } from './salvage-files.ts';

/** '177 of 177 lost writes were salvaged in a container of forkpoint-cluster:pg17: evidence/salvaged.csv' */
export function salvageSentence({ lost, salvaged, readIn = [], problems }: SalvageSummary): string {
  const where = [...new Set(readIn)].join(' and ');
  const what = `${salvaged} of ${lost} lost writes were salvaged${where && ` in ${where}`}`;
  if (salvaged > 0) return `${what}: evidence/${csvName}`;
  return [what, ...problems.slice(0, 1)].join(': ');
}

export function salvageLines(summary: SalvageSummary): readonly string[] {
  const { unsalvageable, conflicts, putBack, notAsSent, problems, copies, rows } = summary;
  const classes = Object.entries(conflicts).map(([name, count]) => `${count} ${name}`);
  return [
    salvageSentence(summary),
    ...(rows > 0 ? [`Rows on the primary at the end of the run: ${classes.join(', ')}`] : []),
    ...(putBack > 0 ? [`evidence/${sqlName} puts ${putBack} back`] : []),
    ...(notAsSent > 0 ? [`Not as the client sent them: ${notAsSent}`] : []),
    ...unsalvageable.map(({ why, writes }) => `Not salvaged: ${writes}: ${why}`),
    ...(copies.length > 0 ? [`Read: ${copies.join(', ')}`] : []),
    ...problems.map((problem) => `Problem: ${problem}`),
  ];
}
