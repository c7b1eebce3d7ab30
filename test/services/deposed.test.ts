/** What a leader says that has promised another ballot: clients that it sent to itself would stay. */
import { expect, it } from 'vitest';
import type { Ballot } from '../../src/protocol/replication/ballot.ts';
import { noBallot } from '../../src/protocol/replication/ballot.ts';
import { Hosting } from '../../src/services/hosting.ts';
import type { GroupMessage } from '../../src/services/messageCodec.ts';
import { NodeStorage } from '../../src/services/nodeStorage.ts';
import { realClock } from '../../src/world/clock.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { threeNodes } from './threeNodes.ts';

const region = threeNodes({ leaseMs: 60_000, driftMs: 50 });
const nothing = (): void => undefined;
const ballot = (round: number, replica: string): Ballot => ({ epoch: 1, round, replica });

it('names nobody, rather than itself, once it has promised another ballot', async () => {
  const sent: GroupMessage[] = [];
  const send = (_node: string, _group: number, message: GroupMessage): void =>
    void sent.push(message);
  const disk = memoryDisk();
  const ends = { full: nothing, failed: nothing };
  const storage = await NodeStorage.open({
    ...{ disk, itemsFolder: undefined, clock: realClock, ...ends },
  });
  const options = { region, node: 'n1', storage, clock: realClock, send, dirty: nothing };
  const hosting = new Hosting(options, new Map());
  await hosting.begin(true);
  const replica = hosting.replicas.get(1)!;
  const receive = (message: GroupMessage, node: string): void =>
    replica.receive(message, node, realClock.nowMs());
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      await new Promise((turn) => setImmediate(turn));
      replica.tick(realClock.nowMs());
      replica.settle();
    }
  };
  const asked = () => sent.find((message) => message.type === 'question');
  await until(() => asked() !== undefined);
  const { number } = asked()!;
  receive({ type: 'answer', from: 'n2-1', number, hears: false }, 'n2');
  await until(() => sent.some(({ type }) => type === 'prepare'));
  const voted = { ballot: ballot(1, 'n1-1'), from: 'n2-1', logBallot: noBallot };
  receive({ type: 'promise', ...voted, start: 0, entries: [], grants: [] }, 'n2');
  await until(() => replica.state.phase === 'leader');
  expect(replica.leader).toBe('n1-1');

  receive({ type: 'prepare', ballot: ballot(2, 'n3-1'), commit: 0 }, 'n3');

  expect([replica.state.phase, replica.leader]).toEqual(['leader', '']);
  await storage.close();
});
