import type { Reporter } from '../contracts/evidence.ts';
import { asciiControls } from '../std/plain.ts';

const reporter: Reporter = {
  fileName: 'result.json',
  render: (result) => `${asciiControls(JSON.stringify(result, null, 2))}\n`,
};
export default reporter;
