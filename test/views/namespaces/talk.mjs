// A server that sends as it is sent to, and a client that asks it: writes of many segments, some milliseconds apart.
//
//   node talk.mjs server|client ADDRESS
import { connect, createServer } from 'node:net';

const [, , role, address] = process.argv;
const PORT = 8000;
const CONNECTIONS = 3;
const WRITES = 150;

function write(socket) {
  let left = WRITES;
  const timer = setInterval(() => {
    socket.write(Buffer.alloc(4000 + ((left * 7919) % 30000), left));
    if (--left > 0) return;
    clearInterval(timer);
    socket.end();
  }, 9);
}

if (role === 'server') {
  let open = CONNECTIONS;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume();
    write(socket);
    socket.once('close', () => --open === 0 && server.close());
  });
  server.listen(PORT, address);
} else
  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = connect({ port: PORT, host: address, allowHalfOpen: true }, () => write(socket));
    socket.resume();
  }
// Whatever happens, nobody waits for it.
setTimeout(() => process.exit(1), 20_000).unref();
