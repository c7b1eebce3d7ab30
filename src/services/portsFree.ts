/**
 * Whether the addresses that a process is to listen on are free, asked before it touches anything.
 * Who takes one later is refused by the listening itself.
 */
import { createServer } from 'node:net';
import type { Address } from '../world/wire.ts';

/** Somebody listens there already. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

export interface Wanted {
  /** Whose address it is, for the message. */
  readonly whose: string;
  readonly address: Address;
}

/** Throws PortInUse. `next`: what the user can do. */
export async function portsFree(wanted: readonly Wanted[], next: string): Promise<void> {
  for (const { whose, address } of wanted) {
    const { host, port } = address;
    await probe(address).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new PortInUse(`${host}:${port}, where ${whose} is to listen, is in use. ${next}`);
    });
  }
}

function probe({ host, port }: Address): Promise<void> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(port, host, () => server.close(() => done()));
  });
}
