/** What leaves over the links to other nodes, on a wire and a clock of the test's own. */
import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../src/protocol/replication/ballot.ts';
import { noop } from '../../src/protocol/replication/commandLog.ts';
import { readMessage } from '../../src/services/messageCodec.ts';
import type { GroupMessage } from '../../src/services/messageCodec.ts';
import { Peers } from '../../src/services/peers.ts';
import { ByteReader } from '../../src/world/bytes.ts';
import type { Clock } from '../../src/world/clock.ts';
import type { Wire } from '../../src/world/wire.ts';

const ballot: Ballot = { epoch: 1, round: 1, replica: 'n1-1' };
const commit = (slot: number): GroupMessage => ({ type: 'commit', ballot, slot });
const accept = (slot: number): GroupMessage => ({ type: 'accept', ballot, slot, command: noop });
const accepted = (length: number): GroupMessage => ({
  type: 'accepted',
  ballot,
  from: 'n2-1',
  length,
});

/** Peers of n1 that are connected to n2, and the frames that n2 gets after the first. */
async function connected(takes = () => true): Promise<{
  peers: Peers;
  turn: () => void;
  frames: Uint8Array[];
  times: () => number;
}> {
  let times = 0;
  const frames: Uint8Array[] = [];
  const due: (() => void)[] = [];
  const timer = { cancel: () => undefined };
  const clock: Clock = {
    nowMs: () => 0,
    every: () => timer,
    after: () => timer,
    soon: (run) => void due.push(run),
  };
  const wire: Wire = {
    listen: () => Promise.reject(new Error('nobody listens here')),
    connect: () =>
      Promise.resolve({
        send: (content) => takes() && frames.push(content) > 0,
        close: () => undefined,
        remote: 'n2',
      }),
  };
  const address = { host: 'localhost', port: 1 };
  const peers = await new Promise<Peers>((done) => {
    const made: Peers = new Peers({
      self: 'n1',
      region: 'test',
      wire,
      clock,
      nodes: [{ id: 'n2', address }],
      connected: () => {
        times += 1;
        done(made);
      },
    });
  });
  frames.length = 0;
  const turn = (): void => {
    for (const run of due.splice(0)) run();
  };
  return { peers, turn, frames, times: () => times };
}

function messagesOf(frame: Uint8Array): { group: number; message: GroupMessage }[] {
  const from = new ByteReader(frame);
  const messages = [];
  while (from.left > 0) messages.push(readMessage(from));
  return messages;
}

describe('Peers', () => {
  it('sends what was said in one turn in one frame, in order', async () => {
    const { peers, turn, frames } = await connected();

    for (const slot of [1, 2, 3]) peers.send('n2', 7, accept(slot));
    const before = frames.length;
    turn();

    expect(before).toBe(0);
    expect(frames.flatMap(messagesOf)).toEqual(
      [1, 2, 3].map((slot) => ({ group: 7, message: accept(slot) })),
    );
    expect(frames).toHaveLength(1);
  });

  it('leaves out what a later message of the same group overtakes, and nothing else', async () => {
    const { peers, turn, frames } = await connected();

    peers.send('n2', 7, commit(1));
    peers.send('n2', 8, commit(5));
    peers.send('n2', 7, accept(3));
    peers.send('n2', 7, accepted(4));
    peers.send('n2', 7, commit(3));
    turn();

    expect(frames.flatMap(messagesOf)).toEqual([
      { group: 8, message: commit(5) },
      { group: 7, message: accept(3) },
      { group: 7, message: accepted(4) },
      { group: 7, message: commit(3) },
    ]);
  });

  it('sends the renewals and grants of all groups together, and lists them once', async () => {
    const { peers, turn, frames } = await connected();

    for (const sentAtMs of [1, 668]) {
      for (let group = 1; group <= 500; group += 1) {
        peers.send('n2', group, { type: 'renew', ballot, sentAtMs });
        peers.send('n2', group, { type: 'grant', ballot, from: 'n1-1', sentAtMs });
      }
      turn();
    }

    expect(frames).toHaveLength(4);
    const [renewals, grants, ...again] = frames.map(({ length }) => length);
    expect(Math.min(renewals!, grants!)).toBeGreaterThan(500);
    expect(Math.max(...again)).toBeLessThan(20);
  });

  it('sends in the next turn what the last one left out again', async () => {
    const { peers, turn, frames } = await connected();

    peers.send('n2', 7, commit(1));
    turn();
    peers.send('n2', 7, commit(1));
    turn();

    expect(frames).toHaveLength(2);
  });

  it('ends a frame before it grows much beyond a megabyte', async () => {
    const { peers, turn, frames } = await connected();
    const value = 'v'.repeat(600_000);

    for (const slot of [1, 2, 3, 4]) {
      const command = { kind: 'write', call: 'c', key: 'k', value } as const;
      peers.send('n2', 7, { type: 'accept', ballot, slot, command });
    }
    turn();

    expect(frames).toHaveLength(2);
    expect(frames.flatMap(messagesOf)).toHaveLength(4);
  });

  it('tells that something may be lost once a link takes more that did not', async () => {
    let takes = true;
    const { peers, turn, frames, times } = await connected(() => takes);
    const said = (slot: number): unknown => {
      peers.send('n2', 1, commit(slot));
      turn();
      return [frames.length, times()];
    };
    expect(said(1)).toEqual([1, 1]);
    takes = false;
    expect(said(2)).toEqual([1, 1]);
    takes = true;
    expect(said(3)).toEqual([2, 2]);
    expect(said(4)).toEqual([3, 2]);
  });
});
