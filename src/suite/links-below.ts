import { existsSync } from 'node:fs';
import path from 'node:path';

/** What a page over several runs may lead to, as it is there now. */
export interface OverviewLinks {
  /** The page over all runs. */
  readonly hasIndex: boolean;
  /** Whether a run's folder, relative to the reports folder, holds report.html. */
  readonly hasReport: (directory: string) => boolean;
}

export function linksBelow(reports: string): OverviewLinks {
  return {
    hasIndex: existsSync(path.join(reports, 'index.html')),
    hasReport: (directory) => existsSync(path.join(reports, directory, 'report.html')),
  };
}
