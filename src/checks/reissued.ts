import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Acknowledged writes whose server-made id was also given to another write.',
  noun: 'server-made ids handed out twice',

  measure: ({ result }) => result.writes.reissued,
});
