import { windowCheck } from './support/window-check.ts';

export default windowCheck({
  summary: 'The furthest that a replica that answered was behind the primary.',
  noun: 'replication lag at most',
  kind: 'size',
  example: '< 16MB',
  of: ({ lagBytes }) => lagBytes,
});
