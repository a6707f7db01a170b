import type { Command } from 'commander';

/** Ways to watch a run from elsewhere than its terminal. */
export function withLiveOptions(command: Command): Command {
  return command
    .option(
      '--prometheus <address>',
      'serve metrics for Prometheus at /metrics; :9464 is this host only, 0.0.0.0:9464 every interface',
    )
    .option('--web <address>', 'serve the run as a page while it goes on; addresses as above');
}
