/** Process entry: a harness that boots a container cluster, prints its id, and then does nothing until it is killed. */
import { bootDocker } from './docker.ts';

const cluster = await bootDocker({ nodes: 1 });
console.log(cluster.id);
setInterval(() => undefined, 60_000);
