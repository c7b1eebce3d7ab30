/**
 * Three replicas of one group in this process: their logs on disks in memory, messages handed over as
 * they are, time that passes when it is told to. They run the build they are given, and record into
 * a folder where one is named.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as RecorderModule from '../../conformance/recorder.ts';
import type * as HostingModule from '../../src/services/hosting.ts';
import type { GroupMessage } from '../../src/services/messageCodec.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import type * as NodeStorageModule from '../../src/services/nodeStorage.ts';
import type { Replica } from '../../src/services/replica.ts';
import type * as TraceModule from '../../src/services/replicationTrace.ts';
import { realClock } from '../../src/world/clock.ts';
import type * as DriveModule from '../../src/world/drive.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';

const nodes = ['n1', 'n2', 'n3'];
const host = '127.0.0.1';

const region: RegionConfig = {
  region: 'bench',
  control: { host, port: 9 },
  nodes: nodes.map((id, i) => ({
    id,
    zone: `z${i}`,
    role: 'storage',
    address: { host, port: 1 + i },
    http: { host, port: 11 + i },
  })),
  groups: [
    {
      number: 1,
      members: nodes.map((node) => ({ replica: `${node}-1`, node, role: 'storage' })),
    },
  ],
  leaseMs: 1_000_000,
  driftMs: 1_000,
  inMemory: true,
};

export interface Build {
  readonly hosting: typeof HostingModule;
  readonly storage: typeof NodeStorageModule;
  readonly trace: typeof TraceModule;
  readonly drive: typeof DriveModule;
  readonly recorder: typeof RecorderModule;
}

/** From a folder that a build of src lies in, and the build of the toolkit. */
export async function load(folder: string, toolkit: string): Promise<Build> {
  const from = (...path: readonly string[]): Promise<unknown> =>
    import(pathToFileURL(join(...path)).href);
  return {
    hosting: (await from(folder, 'services/hosting.js')) as typeof HostingModule,
    storage: (await from(folder, 'services/nodeStorage.js')) as typeof NodeStorageModule,
    trace: (await from(folder, 'services/replicationTrace.js')) as typeof TraceModule,
    drive: (await from(folder, 'world/drive.js')) as typeof DriveModule,
    recorder: (await from(toolkit, 'recorder.js')) as typeof RecorderModule,
  };
}

const nothing = (): void => undefined;

interface Mail {
  readonly to: string;
  readonly from: string;
  readonly message: GroupMessage;
}

export async function turnsOf(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
}

/** Three replicas that hand each other what they send, in turns of the event loop. */
export class Group {
  readonly #replicas = new Map<string, Replica>();
  readonly #mail: Mail[] = [];
  readonly #dirty = new Set<Replica>();
  readonly #ends: (() => void | Promise<void>)[] = [];
  #nowMs = 1;
  #turning = false;

  async open(build: Build, record: string | undefined): Promise<void> {
    const { hosting, storage } = build;
    const clock = { ...realClock, nowMs: () => this.#nowMs };
    for (const node of nodes) {
      const disk = memoryDisk();
      const opened = await storage.NodeStorage.open({
        disk,
        itemsFolder: undefined,
        clock: realClock,
        full: nothing,
        failed: nothing,
      });
      this.#ends.push(() => opened.close());
      const recording =
        record === undefined ? {} : { trace: this.#trace(build, join(record, `${node}.ndjson`)) };
      const held = new hosting.Hosting(
        {
          region,
          node,
          storage: opened,
          clock,
          send: (to, _, message) => this.#send({ to, from: node, message }),
          dirty: (replica) => this.#touch(replica),
          ...recording,
        },
        new Map(),
      );
      await held.begin(true);
      this.#replicas.set(node, held.replicas.get(1)!);
    }
  }

  #trace({ trace, recorder }: Build, file: string): TraceModule.RegionTrace {
    const recording = recorder.createRecorder({ file, process: file });
    this.#ends.push(() => recording.close());
    return trace.replicationTrace<RecorderModule.Change>(recording, recorder.change);
  }

  #send(mail: Mail): void {
    this.#mail.push(mail);
    this.#soon();
  }

  #touch(replica: Replica): void {
    this.#dirty.add(replica);
    this.#soon();
  }

  #soon(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turning = false;
    for (const { to, from, message } of this.#mail.splice(0)) {
      this.#replicas.get(to)!.receive(message, from, this.#nowMs);
    }
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const replica of dirty) replica.settle();
  }

  /** Time passes until one of them serves. */
  async lead(): Promise<Replica> {
    for (let tries = 0; tries < 10_000; tries += 1) {
      const all = [...this.#replicas.values()];
      const leader = all.find(({ serving }) => serving);
      if (leader !== undefined) return leader;
      this.#nowMs += region.leaseMs / 100;
      for (const replica of all) {
        replica.tick(this.#nowMs);
        replica.renew(this.#nowMs);
      }
      await turnsOf(10);
    }
    throw new Error('nobody leads');
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
  }
}
