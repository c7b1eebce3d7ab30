/** The lock's server and clients, running over TCP, as Lock.tla has them. */
import { defineRunningBinding } from '../../../../conformance/index.ts';
import { startLocks, type Locks } from './lockClient.ts';

type C = { c: string };

export const lock = defineRunningBinding<Locks>({
  name: 'lock',
  spec: 'Lock.tla',
  model: 'Lock.cfg',
  start: ({ Clients }) => startLocks(Clients as Set<string>),
  observe: async ({ server, clients }) => {
    for (const client of clients.values()) await client.settle();
    return { line: server.line, phase: new Map([...clients].map(([c, { phase }]) => [c, phase])) };
  },
  actions: {
    Acquire: ({ clients }, { c }: C) => clients.get(c)!.acquire(),
    Release: ({ clients }, { c }: C) => clients.get(c)!.release(),
    Leave: ({ clients }, { c }: C) => clients.get(c)!.leave(),
  },
  stop: async ({ server, clients }) => {
    for (const client of clients.values()) await client.close();
    await server.close();
  },
});
