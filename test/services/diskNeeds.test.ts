/** A node whose disk stands still: it takes no more than its log can hold, and lives on. */
import { expect, it, vi } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import { pendingMax } from '../../src/services/nodeStorage.ts';
import { StorageNode } from '../../src/services/storageNode.ts';
import { realClock } from '../../src/world/clock.ts';
import type { Disk } from '../../src/world/disk.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { realWire } from '../../src/world/wire.ts';

/** More than the log takes at once, with BISIM_LONG=1. */
const writes = process.env['BISIM_LONG'] === '1' ? pendingMax + 1_000 : 4_000;

/** A disk in memory whose fsyncs wait while it stands still. */
function haltingDisk(): Disk & { halt(): void; release(): void } {
  const disk = memoryDisk();
  let still: Promise<void> | undefined;
  let release = (): void => undefined;
  return {
    ...disk,
    async open(name, mode) {
      const file = await disk.open(name, mode);
      return Object.assign(Object.create(file) as typeof file, {
        write: file.write.bind(file),
        read: file.read.bind(file),
        size: file.size.bind(file),
        truncate: file.truncate.bind(file),
        close: file.close.bind(file),
        sync: async () => {
          await still;
          await file.sync();
        },
      });
    },
    halt() {
      still = new Promise((done) => (release = done));
    },
    release() {
      still = undefined;
      release();
    },
  };
}

it('takes no more as a follower than its log can hold, and has it all when the disk goes on', async () => {
  const host = '127.0.0.1';
  const ids = ['n1', 'n2', 'n3'];
  const ports = await freePorts(2 * ids.length, host);
  const nodes = ids.map((id, i) => {
    const [address, http] = [ports[2 * i]!, ports[2 * i + 1]!].map((port) => ({ host, port }));
    return { id, zone: id, role: 'storage' as const, address: address!, http: http! };
  });
  const members = ids.map((node) => ({ replica: `${node}-1`, node, role: 'storage' as const }));
  const region: RegionConfig = {
    ...{ region: 'local', control: nodes[0]!.http, nodes, leaseMs: 10_000, driftMs: 100 },
    ...{ groups: [{ number: 1, members }], inMemory: true },
  };
  const disk = haltingDisk();
  const stopped: Error[] = [];
  const started = await Promise.all(
    ids.map((node) =>
      StorageNode.start({
        ...{ region, node, disk: node === 'n3' ? disk : memoryDisk(), fresh: true },
        ...{ itemsFolder: undefined, wire: realWire, clock: realClock },
        stopped: (error) => void stopped.push(error),
      }),
    ),
  );
  const client = connect(nodes, 1);
  await client.put('k', 'v');
  disk.halt();
  let left = writes;
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await client.put('k', 'v');
    }
  };
  await Promise.all(Array.from({ length: 1_000 }, writer));
  disk.release();
  const [leader, , follower] = started.map((node) => node.replicas.get(1)!);
  await vi.waitFor(() => expect(follower!.state.commit).toBe(leader!.state.commit), 20_000);
  client.close();
  await Promise.all(started.map((node) => node.close()));
  expect(leader!.state.commit).toBeGreaterThan(writes);
  expect(stopped).toEqual([]);
});
