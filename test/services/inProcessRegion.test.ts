/** A region in one process: it serves, ends whole, and comes back with what it held. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, it } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import { startInProcessRegion } from '../../src/services/inProcessRegion.ts';

it('keeps in its folder what was written, and gives the folder and the ports back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'triad-in-process-'));
  const [controlPort = 0] = await freePorts(1, '127.0.0.1');
  const o = { folder, groups: 2, inMemory: false, controlPort, leaseMs: 500 };
  const logger = pino({ level: 'silent' });
  const seen: (string | null)[] = [];
  for (const value of ['first', 'second']) {
    const { region, close } = await startInProcessRegion({ ...o, logger });
    const client = connect(region.nodes, region.groups.length);
    seen.push(await client.get('k'));
    await client.put('k', value);
    seen.push(await client.get('k'));
    client.close();
    await close();
  }
  await rm(folder, { recursive: true });
  expect(seen).toEqual([null, 'first', 'first', 'second']);
});
