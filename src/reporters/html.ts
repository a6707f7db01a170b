import type { Reporter } from '../contracts/evidence.ts';
import { page } from './html/page.ts';

/** One file that opens anywhere, offline: it loads nothing and sends nothing. */
const reporter: Reporter = { fileName: 'report.html', render: page };
export default reporter;
