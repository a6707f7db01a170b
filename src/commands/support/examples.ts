interface Example {
  /** The command line after `forkpoint`. */
  readonly line: string;
  readonly does: string;
}

/** Two examples per command that can be copied, with what they do. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  worker: [
    { line: 'worker', does: 'what a run starts on a client site of another machine' },
    { line: 'worker < /dev/null', does: 'try that it starts there: it says "up" and ends' },
  ],
  run: [
    { line: 'run partition-5s', does: 'boot a cluster, isolate its leader, judge the writes' },
    {
      line: 'run partition-5s --seed 7 --set load.clients=32',
      does: 'use another seed and more clients',
    },
  ],
  load: [
    {
      line: 'load --dsn postgres://me@db1/app --rate 500/s --clients 32 --duration 60s',
      does: 'write to a server that exists; tables of its own, dropped at the end',
    },
    { line: 'load --env-file .env --duration 10s', does: 'take the server from PGHOST and so on' },
  ],
  watch: [
    {
      line: 'watch --cluster staging.cluster.yaml --rate 200/s',
      does: 'write until Ctrl-C while you fail over by hand; type a line to mark a moment',
    },
    {
      line: 'watch --cluster staging.cluster.yaml --hold-rejoin',
      does: 'the same, and have an old primary wait with pg_rewind until evidence of it was taken',
    },
    {
      line: 'watch --env-file .env --duration 10m',
      does: 'take the server from PGHOST and so on; end by itself after 10 minutes',
    },
  ],
  salvage: [
    { line: 'salvage async-tail-loss', does: 'find the rows that its latest run lost' },
    { line: 'salvage async-tail-loss --json', does: 'the counts as JSON' },
  ],
  mark: [
    { line: 'mark "switch the VIP"', does: 'note it in the run that is going on' },
    {
      line: 'mark --run watch/20261120T200912Z "upgrade db2"',
      does: 'note it in one of several',
    },
  ],
  serve: [
    { line: 'serve', does: 'all runs at http://127.0.0.1:9466/, for this host only' },
    { line: 'serve --listen 0.0.0.0:8080', does: 'the same on every interface of this host' },
  ],
  incidents: [
    { line: 'incidents', does: 'all of them, by symptom' },
    { line: 'incidents writes hang', does: 'only those that have these words' },
  ],
  suite: [
    { line: 'suite', does: 'list the suites' },
    {
      line: "suite nightly --only 'partition*' --jobs 2",
      does: 'run some of its scenarios, two at a time',
    },
  ],
  matrix: [
    {
      line: 'matrix async-tail-loss --over synchronous=off,on',
      does: 'run once per value',
    },
    {
      line: 'matrix async-tail-loss --over synchronous=off,on --over synchronous_commit=on,local',
      does: 'run each of the four combinations',
    },
  ],
  replay: [
    { line: 'replay partition-5s', does: 'replay the latest run of a scenario' },
    {
      line: 'replay report.tar.gz --quiet',
      does: 'replay the run in a bundle, print only the summary',
    },
  ],
  kubernetes: [
    {
      line: 'kubernetes manifest --cluster staging.cluster.yaml --scenario partition-5s',
      does: 'print what kubectl apply needs for one run',
    },
    {
      line: "kubernetes manifest --cluster staging.cluster.yaml --scenario partition-5s --schedule '15 2 * * *'",
      does: 'print the same for a run each night',
    },
  ],
  conformance: [
    {
      line: 'conformance docs/examples/extensions',
      does: 'boot a small cluster and test the example extensions',
    },
    {
      line: 'conformance my-extensions --dsn postgres://me@db1/scratch',
      does: 'test workloads on your own primary',
    },
  ],
  check: [
    { line: 'check partition-5s', does: 'print the plan' },
    {
      line: 'check my.yaml --set cluster.nodes=5 --json',
      does: 'print the plan of your own file as JSON',
    },
  ],
  report: [
    { line: 'report partition-5s', does: 'write all reports of the latest run again' },
    { line: 'report partition-5s --format markdown', does: 'print one report' },
  ],
  judge: [
    { line: 'judge partition-5s', does: 'judge the latest run again' },
    { line: 'judge report.tar.gz --json', does: 'judge a bundle and print result.json' },
  ],
  verify: [
    {
      line: 'verify partition-5s --lab 20260101t000000z-1a2b3c',
      does: 'read the cluster that `run --keep` holds',
    },
    {
      line: 'verify partition-5s --dsn postgres://postgres@db1/app --dsn postgres://postgres@db2/app',
      does: 'read two servers by their addresses',
    },
  ],
  history: [
    { line: 'history partition-5s --lost', does: 'print the lost operations' },
    {
      line: 'history partition-5s --format edn',
      does: 'print all operations for a Jepsen checker',
    },
  ],
  wal: [
    {
      line: 'wal async-tail-loss --node pg1',
      does: 'what the old primary committed past the fork',
    },
    {
      line: 'wal /var/lib/postgresql/17/main/pg_wal --json',
      does: 'read WAL files without a run, as JSON',
    },
  ],
  bundle: [
    { line: 'bundle partition-5s', does: 'pack the latest run' },
    {
      line: 'bundle partition-5s --max-size 10MB --output report.tar.gz',
      does: 'limit the size, for an issue',
    },
  ],
  compare: [
    { line: 'compare nightly~1 nightly', does: 'compare the last two runs of a suite' },
    {
      line: 'compare release-1 nightly --json',
      does: 'compare a baseline with the latest run, as JSON',
    },
  ],
  baseline: [
    { line: 'baseline', does: 'list the baselines' },
    { line: 'baseline release-1 nightly', does: 'save the latest run of a suite' },
  ],
  index: [
    { line: 'index', does: 'write the overview of all runs' },
    { line: 'index --keep-runs 10', does: 'also delete the folders of older runs' },
  ],
  lab: [
    { line: 'lab', does: 'boot three nodes, asynchronous replication' },
    { line: 'lab --nodes 5 --synchronous quorum', does: 'boot five nodes, quorum commit' },
  ],
  psql: [
    { line: 'psql pg1', does: 'open psql on pg1' },
    { line: "psql pg2 -c 'SELECT pg_is_in_recovery()'", does: 'run one statement' },
  ],
  exec: [
    { line: 'exec pg1 ps aux', does: "list the node's processes" },
    {
      line: 'exec pg2 --lab 20260101t000000z-1a2b3c ip addr',
      does: 'name the lab when several are up',
    },
  ],
  heal: [
    { line: 'heal', does: 'heal the latest run with faults in force' },
    { line: 'heal partition-5s --json', does: 'heal the latest run of a scenario, print JSON' },
  ],
  clean: [
    { line: 'clean', does: 'remove what killed runs left behind' },
    { line: 'clean --json', does: 'remove it and list it as JSON' },
  ],
  doctor: [
    { line: 'doctor --install', does: 'install what this host lacks' },
    {
      line: 'doctor --dsn postgres://postgres@db1/app --patroni http://db1:8008',
      does: 'print what your cluster promises',
    },
  ],
  selftest: [
    { line: 'selftest', does: 'plant every kind of damage in one cluster' },
    { line: 'selftest --seed 7 --repeat 3', does: 'use three clusters and other rows' },
  ],
  schema: [
    { line: 'schema', does: 'print the schema of scenario files, for an editor' },
    { line: 'schema --result', does: 'print the schema of result.json, for a program' },
  ],
  completion: [
    {
      line: 'completion bash > ~/.local/share/bash-completion/completions/forkpoint',
      does: 'install it for bash, from the next shell on',
    },
    {
      line: 'completion fish > ~/.config/fish/completions/forkpoint.fish',
      does: 'install it for fish',
    },
  ],
};

/** The end of --help. */
export function examplesOf(command: string): string {
  const lines = (examples[command] ?? []).flatMap(({ line, does }) => [
    `  # ${does}`,
    `  forkpoint ${line}`,
  ]);
  return `\nExamples:\n${lines.join('\n')}`;
}
