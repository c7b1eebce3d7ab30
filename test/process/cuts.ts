/**
 * A network between the nodes of a region that tests can cut: every node reaches every other one
 * through a relay of its own, and a cut relay holds back what it is given, in one direction, while
 * its links stay open, as a network that drops packets does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';

interface Relay {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly port: number;
  cut: boolean;
}

export interface Cuts {
  /** The config file of a role: the others stand in it at their relays. */
  configOf(role: string, region: RegionConfig): string;
  /** Nothing that `from` sends reaches `to` any more. */
  cut(from: string, to: string): void;
  healAll(): void;
  close(): Promise<void>;
}

const nodes = ['n1', 'n2', 'n3', 'l1'];

export async function makeCuts(folder: string): Promise<Cuts> {
  const relays = new Map<string, Relay>();
  const targets = new Map<string, { readonly host: string; readonly port: number }>();
  for (const from of nodes) {
    for (const to of nodes) {
      if (from !== to) relays.set(`${from} ${to}`, await relay(() => targets.get(to)));
    }
  }
  const set = (one: Relay, cut: boolean): void => {
    one.cut = cut;
    for (const socket of one.sockets) {
      if (cut) socket.pause();
      else socket.resume();
    }
  };
  return {
    configOf(role, region) {
      const path = join(folder, `${role}.json`);
      mkdirSync(folder, { recursive: true });
      const seen = region.nodes.map((node) => {
        targets.set(node.id, node.address);
        const through = relays.get(`${role} ${node.id}`);
        if (through === undefined) return node;
        return { ...node, address: { ...node.address, port: through.port } };
      });
      writeFileSync(path, JSON.stringify({ ...region, nodes: seen }));
      return path;
    },
    cut: (from, to) => set(relays.get(`${from} ${to}`)!, true),
    healAll() {
      for (const one of relays.values()) set(one, false);
    },
    async close() {
      for (const { server, sockets } of relays.values()) {
        for (const socket of sockets) socket.destroy();
        await new Promise((done) => server.close(done));
      }
    },
  };
}

function relay(target: () => { host: string; port: number } | undefined): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(target()!);
    for (const [a, b] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(a);
      a.on('data', (bytes) => b.write(bytes));
      a.on('error', () => b.destroy());
      a.on('close', () => {
        sockets.delete(a);
        b.destroy();
      });
      if (made.cut) a.pause();
    }
  });
  const made: Relay = { server, sockets, port: 0, cut: false };
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      done(Object.assign(made, { port: typeof bound === 'object' ? (bound?.port ?? 0) : 0 }));
    });
  });
}
