/**
 * A node of real processes among peers that send what no peer sends: the link closes, nothing else
 * happens, and the node serves on. Nobody beyond this machine can reach it.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect as dial } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { fetchPage } from '../../src/services/control.ts';
import { writeHello } from '../../src/services/hello.ts';
import type { Hello } from '../../src/services/hello.ts';
import { writeMessage } from '../../src/services/messageCodec.ts';
import type { NodeEntry } from '../../src/services/nodeConfig.ts';
import type { NodeStatus } from '../../src/services/nodeStatus.ts';
import { writeRequest } from '../../src/services/requestCodec.ts';
import { ByteWriter } from '../../src/world/bytes.ts';
import { frame } from '../../src/world/frames.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';

let region: ProcessRegion;
let node: NodeEntry;
let pids: readonly (number | undefined)[];
const processes = (): (number | undefined)[] =>
  [...region.dev.region.nodes.map(({ id }) => id), 'control'].map(
    (role) => region.dev.process(role)?.pid,
  );
beforeAll(async () => {
  region = await processRegion({ groups: 1 });
  await region.client.put('k', 'before');
  const leader = await region.leaderOf(1);
  node = region.dev.region.nodes.find(({ id }) => id === leader)!;
  pids = processes();
});
afterAll(() => region.close());

async function open(): Promise<Socket> {
  const socket = dial(node.address).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const hello = (changed: Partial<Hello>): Buffer =>
  frame(writeHello({ role: 'peer', region: region.dev.region.region, from: 'n2', ...changed }));

const written = (write: (to: ByteWriter) => void): Buffer => {
  const writer = new ByteWriter();
  write(writer);
  return frame(writer.take());
};

const retire = { kind: 'retire', replica: 'n1-1', epoch: 1 } as const;
const other = (): string => (node.id === 'n1' ? 'n2' : 'n1');
/** The same sequence each time. */
const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * i * 31 + (i >> 3)) % 256));

const strange: Readonly<Record<string, () => Buffer>> = {
  noise: () => noise,
  'a length of 2 GB': () => Buffer.from([0, 0, 0, 0x80, 1, 2, 3, 4]),
  'a frame with a flipped bit': () => {
    const bytes = Buffer.from(hello({}));
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    return bytes;
  },
  'a frame that is no greeting': () => frame(noise.subarray(0, 100)),
  'a greeting of another region': () => hello({ region: 'elsewhere' }),
  'a greeting of a node it does not know': () => hello({ from: 'n9' }),
  'noise after a greeting': () => Buffer.concat([hello({ from: other() }), frame(noise)]),
  'a change of members from a client': () =>
    Buffer.concat([
      hello({ role: 'client' }),
      written((to) => writeRequest(to, { id: 1, group: 1, key: '', op: retire })),
    ]),
};

const statusOf = async (): Promise<NodeStatus> =>
  (await fetchPage(node.http, '/status')) as NodeStatus;

describe('a node', () => {
  it.each(Object.entries(strange))(
    'closes a link that brings %s, and serves on',
    async (_, bytes) => {
      const socket = await open();
      let answered = 0;
      socket.on('data', (chunk: Buffer) => (answered += chunk.length));
      socket.write(bytes());
      await once(socket, 'close');
      expect(answered).toBe(0);
      expect(await region.client.get('k')).toBe('before');
      expect(processes()).toEqual(pids);
    },
  );

  it('changes nothing by a message of an epoch that is over', async () => {
    const socket = await open();
    const before = await statusOf();
    const ballot = { epoch: 0, round: 99, replica: `${other()}-1` };
    const from = ballot.replica;
    socket.write(hello({ from: other() }));
    socket.write(
      written((to) => {
        writeMessage(to, 1, { type: 'prepare', ballot, commit: 0 });
        writeMessage(to, 1, { type: 'relinquish', ballot });
        // What comes after it on the link was read after it.
        writeMessage(to, 1, { type: 'question', from, number: 7 });
      }),
    );
    await region.client.put('k', 'before');
    await region.client.get('k');
    const after = await statusOf();
    const terms = ({ groups }: NodeStatus): unknown =>
      groups.map(({ round, epoch, replica }) => [round, epoch, replica]);
    expect(terms(after)).toEqual(terms(before));
    socket.destroy();
  });

  it('answers others while many links stand half open', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, open));
    for (const socket of sockets) socket.write(hello({}).subarray(0, 11));
    const client = connect(region.dev.region.nodes, 1);
    await client.put('k2', 'served');
    expect(await client.get('k2')).toBe('served');
    client.close();
    for (const socket of sockets) socket.destroy();
  });
});

/** Where a process listens, as the system has it: addresses in hexadecimal, as they stand there. */
function listeningOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set(
    readdirSync(folder).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const found: string[] = [];
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      // A TCP socket that listens, or any UDP socket.
      const listens = table.startsWith('udp') || state === '0A';
      if (listens && sockets.has(inode)) found.push(local);
    }
  }
  return found;
}

describe.skipIf(process.platform !== 'linux')('a region (on Linux alone: /proc tells)', () => {
  it('listens on the loopback and nowhere else', () => {
    const all = processes().map((pid) => listeningOf(pid!));
    // Every node at two ports, the control plane at one.
    expect(all.map((addresses) => addresses.length)).toEqual([2, 2, 2, 2, 1]);
    expect(all.flat().filter((address) => !address.startsWith('0100007F:'))).toEqual([]);
  });
});
