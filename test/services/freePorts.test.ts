/** Ports that are chosen now and listened on later are still free then. */
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePorts } from '../../src/services/freePorts.ts';

const host = '127.0.0.1';
const open: Server[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))));
});

function listen(port: number): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(port, host, () => {
      open.push(server);
      done((server.address() as AddressInfo).port);
    });
  });
}

describe('free ports', () => {
  it('are all different, and can be listened on', async () => {
    const ports = (await Promise.all([20, 8, 1].map((count) => freePorts(count, host)))).flat();
    expect(new Set(ports).size).toBe(29);
    expect(await Promise.all(ports.map(listen))).toEqual(ports);
  });

  it('are none of those that whoever asks for any port is given meanwhile', async () => {
    const chosen = await freePorts(8, host);
    const given = await Promise.all(Array.from({ length: 500 }, () => listen(0)));
    expect(Math.max(...chosen)).toBeLessThan(Math.min(...given));
  });

  it('leave out those that somebody listens on', async () => {
    const [port = 0] = await freePorts(1, host);
    const taken = await Promise.all([1, 2, 3].map((i) => listen(port + i)));
    const ports = await freePorts(40, host);
    expect(ports.filter((each) => taken.includes(each))).toEqual([]);
    expect(await Promise.all(ports.map(listen))).toEqual(ports);
  });

  it('are none of those that another process has not listened on yet', async () => {
    const mine = await freePorts(20, host);
    vi.resetModules();
    // Loaded anew it knows nothing of what was given, and begins to look in the same place.
    const other = await import('../../src/services/freePorts.ts');
    const theirs = await other.freePorts(200, host);
    expect(theirs.filter((port) => mine.includes(port))).toEqual([]);
  });
});
