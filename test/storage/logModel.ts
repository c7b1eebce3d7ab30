/**
 * What a log must give back: a model of groups whose entries are numbered, and the workload that
 * writes them. An image holds its group up to a number, and stands for all entries before it.
 */
import fc from 'fast-check';
import type { Kept, LogEntry } from '../../src/storage/log.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { checksum } from '../../src/storage/record.ts';
import type { SimulatedDisk } from '../simulation/disk.ts';

export const groups = [0, 1, 2];
export const options = { segmentBytesMax: 2_000, pendingMax: 100 };
export const entryKind = 1;
export const imageKind = 2;

/** Sizes of entries that are appended together, or something else that a log does. */
export type Action = readonly number[] | 'reopen' | 'truncate' | 'crash';
export type Workload = readonly Action[];

/** The nth entry of a group; its bytes follow from group, number and size. */
export function entryOf(group: number, slot: number, size: number, kind = entryKind): LogEntry {
  const body = Buffer.alloc(size, (group * 83 + slot) % 251);
  body.writeUInt32LE(slot, 0);
  body.writeUInt32LE(group, 4);
  return { group, kind, slot, body, sum: checksum(body) };
}

/** What was handed on by a log that was opened. */
export class Recovered {
  wrong = 0;
  readonly upTo = new Map<number, number>();
  /** Groups whose first entry, or an image, was there. */
  readonly #based = new Set<number>();

  readonly onRecord = ({ group, kind, slot = -1, body, sum }: LogEntry): void => {
    const expected = entryOf(group, slot, body.length, kind);
    if (sum !== expected.sum || Buffer.compare(body, expected.body) !== 0) this.wrong += 1;
    const before = this.upTo.get(group);
    if (kind === imageKind) {
      if (slot < (before ?? 0)) this.wrong += 1;
      this.#based.add(group);
    } else if (before === undefined && slot === 1) this.#based.add(group);
    else if (before !== undefined && slot !== before + 1) this.wrong += 1;
    this.upTo.set(group, slot);
  };

  /** The last number of a group; undefined where what came before it is missing. */
  of(group: number): number | undefined {
    const upTo = this.upTo.get(group);
    if (upTo === undefined) return 0;
    return this.#based.has(group) ? upTo : undefined;
  }
}

/** What has been confirmed before the power went, and what was only asked for. */
export interface Outcome {
  readonly disk: SimulatedDisk;
  readonly acknowledged: ReadonlyMap<number, number>;
  readonly asked: ReadonlyMap<number, number>;
  readonly operations: number;
}

export const powerIsGone = 'power is gone';

class Writer {
  readonly acknowledged = new Map(groups.map((group) => [group, 0]));
  readonly asked = new Map(groups.map((group) => [group, 0]));
  disk: SimulatedDisk;
  #log: LogFile | undefined;
  #turn = 0;

  constructor(disk: SimulatedDisk) {
    this.disk = disk;
  }

  async open(): Promise<LogFile> {
    this.#log ??= await LogFile.open(this.disk, options);
    return this.#log;
  }

  async perform(action: Action): Promise<void> {
    if (action === 'crash') {
      await this.#crash();
      return;
    }
    if (action === 'reopen') {
      await this.#log?.close();
      this.#log = undefined;
    }
    const log = await this.open();
    if (action === 'truncate') await log.truncate((group) => this.#keptOf(group));
    else if (action !== 'reopen') await Promise.all(action.map((size) => this.#append(log, size)));
  }

  /**
   * The power goes while entries are being written, and comes back; groups in quarantine begin
   * again with what their peers hold, the others go on from what is there.
   */
  async #crash(): Promise<void> {
    const log = await this.open();
    const { hook } = this.disk;
    this.disk.hook = (operation) => {
      if (operation.startsWith('sync')) throw new Error('power is gone for a while');
      hook(operation);
    };
    const appended = [600, 20, 700].map((size) => this.#append(log, size));
    const outcomes = await Promise.allSettled(appended);
    const cut = outcomes.find(({ status }) => status === 'rejected');
    if (cut?.status === 'rejected' && !String(cut.reason).includes('for a while')) throw cut.reason;
    let fate = this.#turn * 7 + 3;
    this.disk = this.disk.crashed(() => (fate = (fate * 29 + 17) % 257) % 2 === 0);
    this.disk.hook = hook;
    const recovered = new Recovered();
    this.#log = await LogFile.open(this.disk, { ...options, onRecord: recovered.onRecord });
    for (const group of groups) await this.#goOn(this.#log, group, recovered.of(group));
  }

  async #goOn(log: LogFile, group: number, upTo: number | undefined): Promise<void> {
    if (log.modeOf(group) === 'up') {
      if (upTo === undefined) throw new Error(`group ${group} is up and lacks its beginning`);
      this.asked.set(group, upTo);
      if (upTo < (this.acknowledged.get(group) ?? 0))
        throw new Error(`group ${group} lost entries`);
    } else {
      await log.begin(entryOf(group, this.asked.get(group) ?? 0, 16, imageKind));
    }
    this.acknowledged.set(group, this.asked.get(group) ?? 0);
  }

  async #append(log: LogFile, size: number): Promise<void> {
    const group = this.#turn % groups.length;
    // Group 0 is the busy one.
    this.#turn += this.#turn % 4 === 1 ? 2 : 1;
    const slot = (this.asked.get(group) ?? 0) + 1;
    this.asked.set(group, slot);
    await log.append(entryOf(group, slot, size));
    this.acknowledged.set(group, slot);
  }

  #keptOf(group: number): Kept {
    const slot = this.asked.get(group) ?? 0;
    const image = entryOf(group, slot, 16, imageKind);
    return { archived: slot, snapshot: slot, needed: slot + 1, image };
  }
}

/** Runs the workload until operation number `stopBefore`; -1: to its end. */
export async function run(
  disk: SimulatedDisk,
  workload: Workload,
  stopBefore: number,
): Promise<Outcome> {
  let operations = 0;
  const writer = new Writer(disk);
  disk.hook = () => {
    if (operations === stopBefore) throw new Error(powerIsGone);
    operations += 1;
  };
  try {
    for (const action of workload) await writer.perform(action);
    await (await writer.open()).close();
  } catch (error) {
    if (!String(error).includes(powerIsGone)) throw error;
  }
  const { acknowledged, asked } = writer;
  writer.disk.hook = () => undefined;
  return { disk: writer.disk, acknowledged, asked, operations };
}

export const fixedWorkload: Workload = [
  [100],
  [40, 700],
  [1_200, 8, 8],
  'reopen',
  [300, 16],
  [900, 500],
  'truncate',
  [8, 60, 20],
];

const size = fc.oneof(fc.integer({ min: 8, max: 100 }), fc.integer({ min: 8, max: 3_000 }));
const batch = fc.array(size, { minLength: 1, maxLength: 5 });

export const workloads: fc.Arbitrary<Workload> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: batch },
    { weight: 2, arbitrary: fc.constantFrom(...(['reopen', 'truncate', 'crash'] as const)) },
  ),
  { minLength: 2, maxLength: 7 },
);
