/** Storage nodes on a clock, a network and disks of the test's own: time passes as the test says. */
import { vi } from 'vitest';
import { Replica } from '../../src/services/replica.ts';
import { StorageNode } from '../../src/services/storageNode.ts';
import { Archive } from '../../src/storage/archive.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import type { Clock } from '../../src/world/clock.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import type { Link, LinkEvents, Wire } from '../../src/world/wire.ts';
import { ids, threeNodes } from './threeNodes.ts';

const stepMs = 10;

/** A clock that the test moves; each timer runs as time passes it. */
function movedClock() {
  let nowMs = 0;
  const timers = new Set<{ dueMs: number; readonly run: () => void }>();
  const at = (dueMs: number, run: () => void) => {
    const timer = { dueMs, run };
    timers.add(timer);
    return timer;
  };
  const clock: Clock = {
    nowMs: () => nowMs,
    every(periodMs, run) {
      const timer = at(nowMs + periodMs, () => {
        timer.dueMs = nowMs + periodMs;
        timers.add(timer);
        run();
      });
      return { cancel: () => void timers.delete(timer) };
    },
    after(delayMs, run) {
      const timer = at(nowMs + delayMs, run);
      return { cancel: () => void timers.delete(timer) };
    },
    soon: (run) => void setImmediate(run),
  };
  /** One step, and all that it brings about. */
  const step = async (): Promise<void> => {
    nowMs += stepMs;
    for (const timer of timers) if (timer.dueMs <= nowMs && timers.delete(timer)) timer.run();
    for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setImmediate(done));
  };
  return { clock, step };
}

/** Links between the nodes; what goes to or comes from one that is cut off is lost. */
class Cuts {
  readonly off = new Set<string>();
  readonly #listening = new Map<number, { readonly node: string; readonly events: LinkEvents }>();

  wireOf(node: string): Wire {
    return {
      listen: (address, events) => {
        this.#listening.set(address.port, { node, events });
        return Promise.resolve({ address, close: () => Promise.resolve() });
      },
      connect: ({ port }, events) => {
        const there = this.#listening.get(port);
        if (there === undefined) return Promise.reject(new Error('nobody listens there'));
        const carry = (to: () => Link, into: LinkEvents): Link => ({
          send: (content) => {
            const bytes = Buffer.from(content);
            const isLost = this.off.has(node) || this.off.has(there.node);
            if (!isLost) setImmediate(() => into.frame(bytes, to()));
            return true;
          },
          close: () => undefined,
          remote: node,
        });
        const near: Link = carry(() => far, there.events);
        const far: Link = carry(() => near, events);
        return Promise.resolve(near);
      },
    };
  }
}

export class SteppedRegion {
  readonly nodes = new Map<string, StorageNode>();
  readonly #step: () => Promise<void>;
  readonly #cuts = new Cuts();
  readonly #tick = vi.spyOn(Replica.prototype, 'tick');

  private constructor(step: () => Promise<void>) {
    this.#step = step;
  }

  static async start(groups: number, leaseMs: number): Promise<SteppedRegion> {
    const { clock, step } = movedClock();
    const region = threeNodes({ leaseMs, driftMs: 10, inMemory: false }, groups);
    const made = new SteppedRegion(step);
    const store = diskStore(memoryDisk());
    for (const node of ids) {
      const started = await StorageNode.start({
        region,
        node,
        disk: memoryDisk(),
        fresh: true,
        itemsFolder: undefined,
        wire: made.#cuts.wireOf(node),
        clock,
        stopped: (error) => {
          throw error;
        },
        archive: { to: new Archive(store), failing: () => undefined },
      });
      made.nodes.set(node, started);
    }
    return made;
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) await this.#step();
  }

  /** How often a replica was looked at since this was asked last. */
  looks(): number {
    const { length } = this.#tick.mock.calls;
    this.#tick.mockClear();
    return length;
  }

  replicasOf(group: number): readonly Replica[] {
    return [...this.nodes.values()].map(({ replicas }) => replicas.get(group)!);
  }

  /** The nodes that serve a group. */
  serving(group: number): readonly string[] {
    return [...this.nodes].flatMap(([id, node]) =>
      node.replicas.get(group)?.serving === true ? [id] : [],
    );
  }

  /** What this node sends comes nowhere, and nothing comes to it. */
  cut(node: string): void {
    this.#cuts.off.add(node);
  }

  mend(): void {
    this.#cuts.off.clear();
  }

  async close(): Promise<void> {
    this.#tick.mockRestore();
    for (const node of this.nodes.values()) {
      const closed = node.close();
      await this.#step();
      await closed;
    }
  }
}
