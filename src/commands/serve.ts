import { listenAddress } from '../live/listen-address.ts';
import { serveReadOnly } from '../live/read-only-server.ts';
import { reportsPage } from '../live/reports-pages.ts';
import { reportsFolder } from '../evidence/store/run-folders.ts';
import { print, tell } from '../std/output.ts';
import type { CommandHost } from './support/command-host.ts';
import { indexRuns } from './support/record-run.ts';

const option = '--listen';

export function serveCommand({ program, signal }: CommandHost): void {
  program
    .command('serve')
    .description('show all runs and their reports in a browser, until Ctrl-C')
    .option(
      `${option} <address>`,
      'port on this host, or HOST:PORT; 0.0.0.0:9466 is every interface',
      ':9466',
    )
    .action(async ({ listen }: { readonly listen: string }) => {
      const address = listenAddress(listen, option);
      await indexRuns({ log: (line) => tell(`${line}\n`) });
      const folder = reportsFolder();
      await using server = await serveReadOnly(
        address,
        (path) => reportsPage(folder, path),
        option,
      );
      print(`${folder}: ${server.url}\n`);
      await new Promise<void>((resolve) => {
        // The server alone does not keep the process alive.
        const alive = setInterval(() => undefined, 60_000);
        const end = () => {
          clearInterval(alive);
          resolve();
        };
        if (signal.aborted) end();
        signal.addEventListener('abort', end, { once: true });
      });
    });
}
