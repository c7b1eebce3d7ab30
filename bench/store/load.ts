/**
 * The client's side of bench/store.ts, a process of its own: it puts loads on a region as its parent
 * asks for them, and tells how long each operation took. A closed load has one operation a
 * connection under way; an open one begins operations at times of its own, and counts from those.
 */
import type * as ClientModule from '../../src/services/client.ts';
import type { Client, NodeAddress } from '../../src/services/client.ts';

const built = new URL('../../dist/src/services/client.js', import.meta.url).href;
const { connect } = (await import(built)) as typeof ClientModule;

export interface Connect {
  readonly nodes: readonly NodeAddress[];
  readonly groups: number;
  readonly connections: number;
  readonly valueBytes: number;
  readonly keys: number;
  readonly seed: number;
}

export interface Load {
  readonly op: 'put' | 'get';
  readonly seconds: number;
  /** Operations a second of an open load; without it, as many as come back. */
  readonly perSecond?: number;
}

export interface Loaded {
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export type Asked = { readonly connect: Connect } | { readonly load: Load };

type Run = (client: number) => Promise<unknown>;

/** Numbers from 0 to 1 that a seed repeats. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

class Measured {
  readonly #latencies: number[] = [];
  readonly #began = performance.now();
  #failed = 0;

  async add(dueMs: number, run: Promise<unknown>): Promise<void> {
    try {
      await run;
      this.#latencies.push(performance.now() - dueMs);
    } catch {
      this.#failed += 1;
    }
  }

  /** The rate is that of the time in which operations began; late answers belong to it. */
  result(): Loaded {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
    return {
      done: sorted.length,
      failed: this.#failed,
      seconds: (performance.now() - this.#began) / 1_000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }
}

async function closedLoad(connections: number, seconds: number, run: Run): Promise<Loaded> {
  const measured = new Measured();
  const endMs = performance.now() + 1_000 * seconds;
  const caller = async (client: number): Promise<void> => {
    while (performance.now() < endMs) await measured.add(performance.now(), run(client));
  };
  await Promise.all(Array.from({ length: connections }, (_, client) => caller(client)));
  return measured.result();
}

async function openLoad(o: {
  readonly connections: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly random: () => number;
  readonly run: Run;
}): Promise<Loaded> {
  const measured = new Measured();
  const under: Promise<void>[] = [];
  let dueMs = performance.now();
  const endMs = dueMs + 1_000 * o.seconds;
  for (let count = 0; dueMs < endMs; count += 1) {
    while (dueMs > performance.now()) await new Promise((turn) => setTimeout(turn, 1));
    under.push(measured.add(dueMs, o.run(count % o.connections)));
    dueMs += (-Math.log(1 - o.random()) * 1_000) / o.perSecond;
  }
  await Promise.all(under);
  return measured.result();
}

let to: { readonly clients: readonly Client[]; readonly options: Connect } | undefined;
let random = randomOf(1);

async function serve(asked: Asked): Promise<Loaded | 'connected'> {
  if ('connect' in asked) {
    const { nodes, groups, connections, seed } = asked.connect;
    const clients = Array.from({ length: connections }, () => connect(nodes, groups));
    to = { clients, options: asked.connect };
    random = randomOf(seed);
    // Every connection has met every leader before anything is measured.
    for (let key = 0; key < 4 * groups; key += 1) {
      await Promise.all(clients.map((client) => client.get(`k${key}`)));
    }
    return 'connected';
  }
  if (to === undefined) throw new Error('load: not connected');
  const { clients, options } = to;
  const { connections, keys, valueBytes } = options;
  const value = 'v'.repeat(valueBytes);
  const key = (): string => `k${Math.floor(random() * keys)}`;
  const { op, seconds, perSecond } = asked.load;
  const run: Run =
    op === 'put'
      ? (client) => clients[client]!.put(key(), value)
      : (client) => clients[client]!.get(key());
  if (perSecond === undefined) return closedLoad(connections, seconds, run);
  return openLoad({ connections, seconds, perSecond, random, run });
}

process.on('message', (asked: Asked) => {
  void serve(asked).then((answer) => process.send?.(answer));
});
process.once('disconnect', () => {
  for (const client of to?.clients ?? []) client.close();
});
