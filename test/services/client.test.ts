/** What a client says where nobody serves it: what it found at each address, and what to do. */
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OutcomeUnknown, Unavailable, WrongRegion } from '../../src/services/client.ts';
import type { NodeAddress } from '../../src/services/client.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import { startNode } from '../../src/services/nodeProcess.ts';
import type { NodeProcess } from '../../src/services/nodeProcess.ts';
import { regionSchema } from '../../src/services/nodeConfig.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import { realClock } from '../../src/world/clock.ts';

const host = '127.0.0.1';
const role = 'storage';
const longMs = 60_000;
let processes: readonly NodeProcess[];
let nodes: readonly NodeAddress[];
let foreign: NodeAddress;
/** Nothing listens there. */
let deadPort: number;

beforeAll(async () => {
  const ports = await freePorts(11, host);
  const next = (): NodeAddress['address'] => ({ host, port: ports.pop()! });
  deadPort = next().port;
  const regionOf = (name: string, ids: readonly string[]): RegionConfig =>
    regionSchema.parse({
      ...{ region: name, control: next(), inMemory: true, leaseMs: 500, driftMs: 10 },
      nodes: ids.map((id) => ({ id, zone: id, address: next(), http: next() })),
      groups: [{ number: 1, members: ids.map((node) => ({ replica: `${node}-1`, node, role })) }],
    });
  const shop = regionOf('shop', ['n1', 'n2', 'n3']);
  const market = regionOf('market', ['n9']);
  nodes = shop.nodes;
  foreign = market.nodes[0]!;
  const logger = pino({ level: 'silent' });
  processes = await Promise.all(
    [shop, market].flatMap((region) =>
      region.nodes.map(({ id: node }) =>
        startNode({ region, node, folder: '.', logger, fresh: true }),
      ),
    ),
  );
});
afterAll(() => Promise.all(processes.map((each) => each.close())));

const at = (port: number, id = 'n1'): NodeAddress => ({ id, address: { host, port } });

/** A server that is no node; gives its port. */
async function listening(server: Server): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  const bound = server.address();
  return typeof bound === 'object' ? (bound?.port ?? 0) : 0;
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );
}

describe('a client', () => {
  it('serves its region, and says at once that its nodes are of another one', async () => {
    const right = connect(nodes, 1, { region: 'shop' });
    await right.put('k', 'v');
    // That nothing listens at the others must not hide what the nodes said.
    const some = [at(deadPort, 'n0'), ...nodes, at(deadPort, 'n2')];
    for (const [given, region] of [
      [nodes, undefined],
      [nodes, 'market'],
      [some, 'market'],
    ] as const) {
      const wrong = connect(given, 1, {
        ...(region !== undefined && { region }),
        timeoutMs: longMs,
      });
      const works = [wrong.put('k', 'w'), wrong.get('k'), wrong.eventualGet('k')];
      // Whichever of them fails first.
      for (const error of await Promise.all(works.map(failure))) {
        expect(error).toBeInstanceOf(WrongRegion);
        expect(error.message).toContain("of region 'shop'");
        expect(error.message).toContain(`made for '${region ?? 'local'}'`);
        expect(error.message).toContain("pass { region: 'shop' } to connect");
      }
      wrong.close();
    }
    expect(await right.get('k')).toBe('v');
    right.close();
  });

  it('goes on where one address has become that of another region', async () => {
    const client = connect([foreign, ...nodes], 1, { region: 'shop' });
    await client.put('k', 'v');
    expect(await client.get('k')).toBe('v');
    client.close();
  });

  it('names every address at which nothing listens, within its time', async () => {
    const client = connect([at(deadPort), at(deadPort, 'n2')], 1, { timeoutMs: 1_000 });
    const error = await failure(client.put('k', 'v'));
    expect(error).toBeInstanceOf(Unavailable);
    for (const id of ['n1', 'n2']) {
      expect(error.message).toContain(`${id} at ${host}:${deadPort}: connect ECONNREFUSED`);
    }
    expect(error.message).toContain('in 1000 ms');
    expect(error.message).toContain('is the region up');
    client.close();
  });

  it('says what listens there that is no node, and keeps its time where that is silent', async () => {
    const silent = createServer();
    const http = createHttpServer();
    const ports = [await listening(silent), await listening(http)];
    for (const port of ports) {
      const client = connect([at(port)], 1, { timeoutMs: 300 });
      const beganMs = realClock.nowMs();
      const errors = [await failure(client.get('k')), await failure(client.put('k', 'v'))];
      expect(realClock.nowMs() - beganMs).toBeLessThan(longMs);
      // What it takes for a write nobody knows: the client cannot tell what listens there.
      expect(errors.map(({ name }) => name)).toEqual([Unavailable.name, OutcomeUnknown.name]);
      for (const { message } of errors) expect(message).toContain(`n1 at ${host}:${port}: `);
      for (const { message } of errors) expect(message).toContain('not `http`');
      client.close();
    }
    silent.close();
    http.close();
    http.closeAllConnections();
  });

  it('is refused where it is given no nodes, or no number of groups', () => {
    expect(() => connect([], 1)).toThrow('no storage node');
    expect(() => connect([{ ...at(1), role: 'log' }], 1)).toThrow('no storage node');
    for (const groups of [0, NaN, 1.5]) expect(() => connect(nodes, groups)).toThrow('groups');
  });

  it('says that it was closed', async () => {
    const client = connect([at(deadPort)], 1, { timeoutMs: longMs });
    const reading = failure(client.get('k'));
    client.close();
    expect((await reading).message).toContain('before the client was closed');
  });
});
