/**
 * Entries as the bytes of one write. What must hold: each is compared with its maker's checksum
 * before it is copied, and its record tells what the log last wrote, and last wrote of its group.
 */
import { submit, write } from '../protocol/wal.ts';
import type { State } from '../protocol/wal.ts';
import { LogStopped } from './log.ts';
import type { LogReading } from './logReading.ts';
import { noteSlot } from './readLog.ts';
import type { SegmentFacts } from './readLog.ts';
import { checksum, noGroup, recordBytes, writeRecord } from './record.ts';
import type { Owner } from './record.ts';

const limits = { pendingMax: 1, positionMax: Number.MAX_SAFE_INTEGER };
const nobody: Owner = { group: noGroup, kind: 0, slot: 0 };

export interface BatchEntry {
  readonly owner: Owner;
  readonly body: Uint8Array;
  readonly sum: number;
}

export class BatchWriter {
  /** Of each group the position of its last record. */
  readonly #lastOf: Map<number, number>;
  #before: Owner;
  #previous: number;

  constructor({ chain, lastOf }: LogReading) {
    this.#lastOf = lastOf;
    this.#before = chain.previous ?? nobody;
    this.#previous = chain.previous?.sum ?? 0;
  }

  /** The batch as bytes of a segment, and the log's state after it; throws on damage in memory. */
  encode(
    batch: readonly BatchEntry[],
    { listed, slots }: SegmentFacts,
    state: State,
  ): { readonly bytes: Buffer; readonly state: State } {
    let length = 0;
    for (const { body } of batch) length += recordBytes(body.length);
    const bytes = Buffer.allocUnsafe(length);
    let offset = 0;
    for (const { owner, body, sum } of batch) {
      // An entry is submitted where it is written: what waits for its batch waits in the log's file.
      const submitted = submit(state, { entry: { body, sum } }, limits);
      const step = submitted && write(submitted.state, { sum: checksum(body) });
      const output = step?.outputs[0];
      if (step === undefined || output?.kind !== 'persist') {
        throw new LogStopped('an entry was damaged in memory before it was written');
      }
      const { kind, group, slot } = owner;
      const { position, through } = output.record;
      const back = position - (this.#lastOf.get(group) ?? position);
      const [before, previous] = [this.#before, this.#previous];
      const fields = { kind, group, slot, position, through, back, before, previous, bodySum: sum };
      this.#previous = writeRecord(bytes, offset, { fields, body, salt: listed.salt });
      this.#before = owner;
      if (group !== noGroup) {
        this.#lastOf.set(group, position);
        noteSlot(slots, group, slot);
      }
      ({ state } = step);
      offset += recordBytes(body.length);
    }
    return { bytes, state };
  }
}
