import type { Reporter } from '../contracts/evidence.ts';

const reporter: Reporter = {
  fileName: 'result.json',
  render: (result) => `${JSON.stringify(result, null, 2)}\n`,
};
export default reporter;
