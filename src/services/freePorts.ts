/**
 * Ports for processes that will listen on them a moment later. What must hold: nobody else is given
 * them meanwhile. So they lie below those that systems give to whoever asks for any port, and the
 * first port of a block is held, as long as this process lives, for the others of the block.
 */
import { createServer } from 'node:net';
import type { Server } from 'node:net';

const firstPort = 10_000;
/** Linux gives ports from 32,768 on, other systems from 49,152 on. */
const endPort = 32_000;
/** The first of them is the one that is held. */
const blockPorts = 16;
const blocks = Math.floor((endPort - firstPort) / blockPorts);
/** Between the places where processes of neighbouring ids begin to look. */
const blocksApart = 37;

/** Ports of held blocks that nobody was given yet. */
const left: number[] = [];
let looked = 0;

function listen(port: number, host: string): Promise<Server | undefined> {
  return new Promise((done, failed) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') done(undefined);
      else failed(error);
    });
    server.listen(port, host, () => done(server));
  });
}

/** Holds the block looked at next, if nobody does. */
async function hold(host: string): Promise<void> {
  const first = firstPort + ((process.pid * blocksApart + looked) % blocks) * blockPorts;
  looked += 1;
  const server = await listen(first, host);
  if (server === undefined) return;
  server.unref();
  left.push(...Array.from({ length: blockPorts - 1 }, (_, i) => first + 1 + i));
}

/** Ports that nobody listens on now; no two calls give the same ones, whatever process calls. */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; tried < blocks && ports.length < count;) {
    const port = left.shift();
    if (port === undefined) {
      await hold(host);
      tried += 1;
      continue;
    }
    const server = await listen(port, host);
    if (server === undefined) continue;
    await new Promise((closed) => server.close(closed));
    ports.push(port);
  }
  if (ports.length < count) throw new Error(`${host} has no ${count} free ports`);
  return ports;
}
