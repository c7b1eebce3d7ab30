/**
 * Log, item store and archive together, as a node uses them: after any crash the items at their
 * slot and the log from the next slot on are all that was acknowledged, and the archive alone
 * builds the same.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Archive } from '../../src/storage/archive.ts';
import type { ArchivedEntry } from '../../src/storage/archiveSegment.ts';
import { memoryEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';
import type { Engine, ItemWrite } from '../../src/storage/itemStore.ts';
import type { Kept, LogEntry } from '../../src/storage/log.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import { rebuiltChecksum } from '../../src/storage/rebuild.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { entryKind, entryOf, groups, imageKind, options } from './logModel.ts';

const storeOptions = { pendingBytesMax: 1 << 20 };

const writesOf = ({ slot = 0, body }: Pick<LogEntry, 'slot' | 'body'>): ItemWrite[] => [
  { key: Buffer.from(`key-${slot % 5}`), value: slot % 7 === 0 ? undefined : body },
];

/** A node: what it appended to its log, and has not archived, stands in `entries`. */
class Node {
  readonly #engine: Engine;
  readonly #archiveDisk: SimulatedDisk;
  readonly archive: Archive;
  #disk = new SimulatedDisk();
  #log: LogFile | undefined;
  #items: ItemStore | undefined;
  readonly #entries = new Map<number, Map<number, LogEntry>>();
  readonly acknowledged = new Map<number, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#archiveDisk = new SimulatedDisk();
    this.archive = new Archive(diskStore(this.#archiveDisk));
  }

  get items(): ItemStore {
    if (this.#items === undefined) throw new Error('the node is not started');
    return this.#items;
  }

  /** Opens what is there; the items catch up with the log. */
  async start(): Promise<void> {
    this.#items = await ItemStore.open(this.#engine, storeOptions);
    this.#entries.clear();
    const onRecord = (entry: LogEntry): void => {
      const { group, kind, slot = 0 } = entry;
      if (kind !== entryKind) return;
      this.#note({ ...entry, body: Buffer.from(entry.body) });
      if (slot > this.items.applied(group)) this.#apply(group, slot);
    };
    this.#log = await LogFile.open(this.#disk, { ...options, onRecord });
    expect(this.#log.mode).toBe('up');
  }

  #note(entry: LogEntry): void {
    const ofGroup = this.#entries.get(entry.group) ?? new Map<number, LogEntry>();
    this.#entries.set(entry.group, ofGroup.set(entry.slot ?? 0, entry));
  }

  #apply(group: number, slot: number): void {
    const entry = this.#entries.get(group)?.get(slot);
    if (entry === undefined) throw new Error(`group ${group} has no entry of slot ${slot}`);
    this.items.apply(group, { first: slot, last: slot, writes: writesOf(entry) });
  }

  async write(group: number, size: number): Promise<void> {
    const slot = (this.acknowledged.get(group) ?? 0) + 1;
    const entry = entryOf(group, slot, size);
    await this.#log?.append(entry);
    this.#note(entry);
    this.acknowledged.set(group, slot);
    this.#apply(group, slot);
  }

  async archiveAndTruncate(): Promise<void> {
    const through = new Map<number, number>();
    for (const group of groups) {
      const from = (await this.archive.through(group)) + 1;
      const entries: ArchivedEntry[] = [];
      for (let slot = from; slot <= this.items.durable(group); slot += 1) {
        const entry = this.#entries.get(group)?.get(slot);
        if (entry === undefined) throw new Error(`group ${group} archives no slot ${slot}`);
        entries.push({ slot, kind: entry.kind, body: entry.body, sum: entry.sum });
      }
      if (entries.length > 0) await this.archive.add(group, entries);
      through.set(group, await this.archive.through(group));
    }
    await this.#log?.truncate((group): Kept => {
      const snapshot = this.items.durable(group);
      const image = entryOf(group, this.acknowledged.get(group) ?? 0, 16, imageKind);
      return { archived: through.get(group) ?? 0, snapshot, needed: Infinity, image };
    });
  }

  /** Nothing that was not synced is left, nor anything that stood in memory. */
  crash(): Promise<void> {
    this.#disk = this.#disk.crashed(() => false);
    return this.start();
  }
}

const group = fc.constantFrom(...groups);
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ group, size: fc.integer({ min: 8, max: 900 }) }) },
    { weight: 3, arbitrary: fc.constantFrom('commit' as const, 'truncate' as const) },
    { weight: 1, arbitrary: fc.constant('crash' as const) },
  ),
  { minLength: 5, maxLength: 60 },
);

describe('a node that crashes', () => {
  it('holds all that was acknowledged, in its items and its log, and so does the archive', async () => {
    let truncated = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const node = new Node(await memoryEngine());
        await node.start();
        const expected = await ItemStore.open(await memoryEngine(), storeOptions);
        for (const step of taken) {
          if (step === 'commit') await node.items.commit();
          else if (step === 'truncate') await node.archiveAndTruncate();
          else if (step === 'crash') await node.crash();
          else {
            await node.write(step.group, step.size);
            const slot = node.acknowledged.get(step.group) ?? 0;
            const writes = writesOf(entryOf(step.group, slot, step.size));
            expected.apply(step.group, { first: slot, last: slot, writes });
          }
        }
        await node.crash();
        for (const one of groups) {
          expect(await node.items.checksum(one)).toEqual(await expected.checksum(one));
        }
        await node.archiveAndTruncate();
        for (const one of groups) {
          const upTo = await node.archive.through(one);
          expect(upTo).toBe(node.acknowledged.get(one) ?? 0);
          const wanted = { group: one, upTo, writesOf };
          const rebuilt = await rebuiltChecksum(node.archive, await memoryEngine(), wanted);
          expect(rebuilt).toEqual(await expected.checksum(one));
          truncated += upTo;
        }
      }),
      { numRuns: process.env['BISIM_LONG'] === '1' ? 3_000 : 40 },
    );
    expect(truncated).toBeGreaterThan(100);
  });
});
