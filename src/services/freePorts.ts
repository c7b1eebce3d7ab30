/**
 * Ports for processes that will listen on them a moment later. What must hold: nobody else is given
 * them meanwhile. So they lie below those that systems give to whoever asks for any port, and two
 * processes that look at once begin to look in different places.
 */
import { createServer } from 'node:net';
import type { Server } from 'node:net';

const firstPort = 10_000;
/** Linux gives ports from 32,768 on, other systems from 49,152 on. */
const endPort = 32_000;
/** So many ports stand together; who needs more has some of the next. */
const blockPorts = 16;
const blocks = Math.floor((endPort - firstPort) / blockPorts);
/** Between the places where processes of neighbouring ids begin. */
const blocksApart = 37;

let looked = 0;

function listen(port: number, host: string): Promise<Server | undefined> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') done(undefined);
      else failed(error);
    });
    server.listen(port, host, () => done(server));
  });
}

/** Ports that nobody listens on now; no two calls of a process give the same ones. */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; tried < blocks && ports.length < count; tried += 1) {
    const block = (process.pid * blocksApart + looked) % blocks;
    looked += 1;
    for (let i = 0; i < blockPorts && ports.length < count; i += 1) {
      const port = firstPort + block * blockPorts + i;
      const server = await listen(port, host);
      if (server === undefined) continue;
      await new Promise((closed) => server.close(closed));
      ports.push(port);
    }
  }
  if (ports.length < count) throw new Error(`${host} has no ${count} free ports`);
  return ports;
}
