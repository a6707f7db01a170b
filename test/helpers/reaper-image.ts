import { imageThat } from './docker.ts';

/**
 * Speaks Ryuk's protocol from the project's own image, for hosts without a registry: prints Started, answers each line
 * `label=KEY=VALUE` with ACK, and some time after the last client has left removes what matches.
 */
const program = `
import http.client, json, os, socket, socketserver, threading, urllib.parse

class Engine(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect('/var/run/docker.sock')

def ask(method, path):
    engine = Engine('engine')
    engine.request(method, path)
    return json.loads(engine.getresponse().read() or 'null')

labels, clients, lock = set(), 0, threading.Lock()

def reap():
    with lock:
        if clients > 0: return
    for label in labels:
        asked = urllib.parse.quote(json.dumps({'label': [label]}))
        for found in ask('GET', '/containers/json?all=1&filters=' + asked):
            if found['Id'].startswith(socket.gethostname()): continue
            ask('DELETE', '/containers/' + found['Id'] + '?force=1&v=1')
        for found in ask('GET', '/networks?filters=' + asked):
            ask('DELETE', '/networks/' + found['Id'])
    os._exit(0)

class Client(socketserver.StreamRequestHandler):
    def handle(self):
        global clients
        with lock: clients += 1
        for line in self.rfile:
            labels.add(line.decode().strip().removeprefix('label='))
            self.wfile.write(b'ACK\\n')
        with lock: clients -= 1
        wait = os.environ.get('RYUK_RECONNECTION_TIMEOUT', '10s')
        threading.Timer(float(wait.removesuffix('s')), reap).start()

socketserver.ThreadingTCPServer.daemon_threads = True
server = socketserver.ThreadingTCPServer(('', 8080), Client)
print('Started', flush=True)
server.serve_forever()`;

export function reaperImage() {
  return imageThat(['python3', '-c', program]);
}
