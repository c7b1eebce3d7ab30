/** A group's records add up to its image, whatever the protocol did to it. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compareBallots, noBallot } from '../../src/protocol/replication/ballot.ts';
import { CommandLog, noop } from '../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import { init } from '../../src/protocol/replication/state.ts';
import type { Image } from '../../src/protocol/replication/state.ts';
import {
  copyRecord,
  inFirstEpoch,
  recordKinds,
  recordsOf,
  replicaRecord,
} from '../../src/services/groupRecords.ts';
import type { GroupRecord } from '../../src/services/groupRecords.ts';
import { ImageReader } from '../../src/services/imageReader.ts';
import { Tokens } from '../../src/services/tokens.ts';
import { Malformed } from '../../src/world/bytes.ts';
import { anyBallot, anyCommand } from './arbitraries.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const group = { id: 'a', members: ['a'], storage: ['a'], leaseMs: 0, driftMs: 0 };

type Change = (image: Image) => Image;
const change: fc.Arbitrary<Change> = fc.oneof(
  anyBallot.map((promised) => (image: Image) => ({ ...image, promised })),
  anyCommand.map((command) => (image: Image) => ({ ...image, log: image.log.append(command) })),
  fc
    .tuple(anyBallot, fc.nat(), fc.array(anyCommand, { maxLength: 4 }))
    .map(([logBallot, keep, commands]) => (image: Image) => {
      const kept = image.log.length === 0 ? 0 : keep % image.log.length;
      const below = compareBallots(image.promised, logBallot) < 0;
      const promised = below ? logBallot : image.promised;
      return { promised, logBallot, log: image.log.replaceAfter(kept, commands) };
    }),
);

const ballot = (epoch: number, round: number) => ({ epoch, round, replica: 'a' });

function onlyOf(records: readonly GroupRecord[]): GroupRecord {
  expect(records.length).toBe(1);
  return records[0]!;
}

const plain = ({ promised, logBallot, log }: Image) => ({ promised, logBallot, log: log.slice(1) });

describe('the records of a group', () => {
  it.prop([fc.array(change, { maxLength: 30 })], { seed, numRuns: 500 })(
    'add up to its image',
    (changes) => {
      const reader = new ImageReader();
      let image: Image = init(group);
      for (const next of changes.map((each) => each)) {
        const after = next(image);
        for (const record of recordsOf(image, after, 0)) reader.add(record);
        image = after;
        expect(plain(reader.image)).toEqual(plain(image));
      }
    },
  );

  it('begin again with another replica, which takes over what it copied', () => {
    const reader = new ImageReader();
    reader.add(onlyOf(recordsOf(init(group), { ...init(group), promised: ballot(0, 3) }, 0)));
    expect([reader.replica, inFirstEpoch(reader.image).promised]).toEqual([
      undefined,
      ballot(1, 3),
    ]);
    reader.add(replicaRecord('a-2'));
    expect([reader.replica, reader.image]).toEqual(['a-2', new ImageReader().image]);
    reader.add(copyRecord(0, [noop, noop]));
    reader.add(copyRecord(2, [noop]));
    const copied = reader.image;
    expect([copied.promised, copied.log.length]).toEqual([noBallot, 3]);
    const entered = { promised: ballot(2, 0), logBallot: ballot(2, 0), log: copied.log };
    const record = onlyOf(recordsOf(copied, entered, 0));
    reader.add(record);
    expect([plain(reader.image), record.body.length < 10]).toEqual([plain(entered), true]);
  });

  it('are refused where they do not follow one another', () => {
    const log = CommandLog.of([{ kind: 'noop' }, { kind: 'noop' }]);
    const before = { ...init(group), log: CommandLog.of([{ kind: 'noop' }]) };
    const after = { ...before, log: before.log.append({ kind: 'noop' }) };
    const record = onlyOf(recordsOf(before, after, 1));
    const reader = new ImageReader();
    reader.add(record);
    expect(() => reader.image).toThrow('the slots 1 to 1 are not there');
    expect(() => reader.add(record)).toThrow(Malformed);
    const begun = new ImageReader();
    begun.add(replicaRecord('a-2'));
    expect(() => begun.add(record)).toThrow(Malformed);
    expect(log.length).toBe(2);
    expect(() => new ImageReader().add({ kind: 99, body: Buffer.alloc(0) })).toThrow(Malformed);
    const cut = { kind: recordKinds.promised, body: Buffer.from([1]) };
    expect(() => new ImageReader().add(cut)).toThrow(Malformed);
  });
});

describe('tokens', () => {
  it.prop([fc.array(change, { maxLength: 30 })], { seed, numRuns: 500 })(
    'are known where their writes stand in the log, and nowhere else',
    (changes) => {
      const tokens = new Tokens();
      let image: Image = init(group);
      let serial = 0;
      const named = (command: Command): Command =>
        command.kind === 'write' ? { ...command, call: `t${(serial += 1)}` } : command;
      for (const next of changes) {
        const after = next(image);
        const kept = image.log.slice(1);
        const log = CommandLog.of(
          after.log.slice(1).map((command, i) => (command === kept[i] ? command : named(command))),
        );
        image = { ...after, log };
        tokens.follow(log, 0);
        const inLog = new Map(
          log.slice(1).flatMap((each, i) => (each.kind === 'write' ? [[each.call, i + 1]] : [])),
        );
        for (let n = 1; n <= serial; n += 1) {
          expect(tokens.slotOf(`t${n}`)).toBe(inLog.get(`t${n}`));
        }
      }
    },
  );
});
