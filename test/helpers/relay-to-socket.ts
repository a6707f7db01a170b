// A program: leads a port of 127.0.0.1 to a Unix socket, which crosses network namespaces. Arguments: the port, the socket.
import { connect, createServer } from 'node:net';

const [port, socket = ''] = process.argv.slice(2);

createServer((near) => {
  const far = connect(socket);
  near.on('error', () => far.destroy());
  far.on('error', () => near.destroy());
  near.pipe(far).pipe(near);
}).listen(Number(port), '127.0.0.1');
