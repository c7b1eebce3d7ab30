/**
 * Truncation on disk and in memory: whatever leaves by the rule, what is read back is the image as it
 * was, and every token of a write is known that was known.
 */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compareBallots, noBallot } from '../../src/protocol/replication/ballot.ts';
import { noop } from '../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import { init } from '../../src/protocol/replication/state.ts';
import type { Image } from '../../src/protocol/replication/state.ts';
import {
  copyRecord,
  imageRecord,
  keptRecord,
  recordsOf,
  replicaRecord,
} from '../../src/services/groupRecords.ts';
import type { GroupRecord } from '../../src/services/groupRecords.ts';
import { ImageReader } from '../../src/services/imageReader.ts';
import { Tokens } from '../../src/services/tokens.ts';
import { Malformed } from '../../src/world/bytes.ts';
import { anyBallot, anyCommand } from './arbitraries.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const numRuns = process.env['BISIM_LONG'] === '1' ? 100_000 : 1_000;
const group = { id: 'a', members: ['a'], storage: ['a'], leaseMs: 0, driftMs: 0 };
const configuration = { epoch: 1, members: ['a'], storage: ['a'], opened: 0 };

type Act =
  | { readonly kind: 'promise'; readonly ballot: Image['promised'] }
  | { readonly kind: 'append'; readonly command: Command }
  | {
      readonly kind: 'join';
      readonly ballot: Image['promised'];
      readonly keep: number;
      readonly commands: readonly Command[];
    }
  /** More is known to be chosen, and more of that is needed no more. */
  | { readonly kind: 'learn' | 'forget' | 'restart'; readonly share: number }
  /** An image is written, and of the oldest records so many leave as may, or some fewer. */
  | { readonly kind: 'drop'; readonly share: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('promise' as const), ballot: anyBallot }),
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('append' as const), command: anyCommand }),
  },
  fc.record({
    kind: fc.constant('join' as const),
    ballot: anyBallot,
    keep: fc.nat(),
    commands: fc.array(anyCommand, { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('learn' as const, 'forget' as const), share }),
  fc.record({ kind: fc.constantFrom('drop' as const, 'restart' as const), share }),
);

/** A replica's image, and the records of it that are still on the disk. */
class Kept {
  image: Image = init(group);
  records: GroupRecord[] = [];
  tokens = new Tokens();
  commit = 0;
  needless = 0;
  #serial = 0;

  take(next: Act): void {
    const { image } = this;
    const { length } = image.log;
    switch (next.kind) {
      case 'promise':
        return this.#change({ ...image, promised: next.ballot });
      case 'append':
        return this.#change({ ...image, log: image.log.append(this.#named(next.command)) });
      case 'join': {
        const kept = this.commit + (next.keep % (length - this.commit + 1));
        const below = compareBallots(image.promised, next.ballot) < 0;
        const promised = below ? next.ballot : image.promised;
        const commands = next.commands.map((command) => this.#named(command));
        const log = image.log.replaceAfter(kept, commands);
        return this.#change({ promised, logBallot: next.ballot, log });
      }
      case 'learn':
        this.commit += Math.round(next.share * (length - this.commit));
        return;
      case 'forget':
        this.needless += Math.round(next.share * (this.commit - this.needless));
        this.image = { ...image, log: image.log.truncate(this.needless) };
        this.records.push(keptRecord(this.commit, this.needless));
        return;
      case 'drop':
        return this.#drop(next.share);
      case 'restart': {
        const found = this.read();
        this.image = found;
        this.needless = found.log.base;
        this.tokens = new Tokens(found.tokens);
        this.tokens.follow(found.log, this.commit);
      }
    }
  }

  #change(after: Image): void {
    this.records.push(...recordsOf(this.image, after, this.commit));
    this.image = after;
    this.tokens.follow(after.log, this.commit);
  }

  /** No token is used twice, as clients have it. */
  #named(command: Command): Command {
    if (command.kind !== 'write') return command;
    return { ...command, call: `t${(this.#serial += 1)}` };
  }

  #drop(part: number): void {
    const base = this.needless;
    const { promised, logBallot } = this.image;
    const tokens = this.tokens.through(base);
    const facts = { promised, logBallot, base, kept: this.commit, configuration, tokens };
    const blocking = this.records.findIndex(({ slot }) => slot > base);
    const most = blocking < 0 ? this.records.length : blocking;
    this.records.push(imageRecord({ replica: 'a', ...facts }));
    this.records.splice(0, Math.round(part * most));
  }

  read() {
    const reader = new ImageReader();
    for (const { kind, body } of this.records) reader.add({ kind, body });
    return reader.image;
  }

  get known(): readonly (number | undefined)[] {
    return Array.from({ length: this.#serial }, (_, n) => this.tokens.slotOf(`t${n + 1}`));
  }
}

describe('the records of a group whose oldest have left', () => {
  it.prop([fc.array(act, { maxLength: 40 })], { seed, numRuns })(
    'add up to its image, and tell the tokens of slots that it lacks',
    (acts) => {
      const kept = new Kept();
      for (const next of acts) {
        kept.take(next);
        const found = kept.read();
        const { promised, logBallot, log } = kept.image;
        expect([found.promised, found.logBallot]).toEqual([promised, logBallot]);
        expect([found.log.length, found.log.base >= log.base]).toEqual([log.length, true]);
        expect(found.log.slice(found.log.base + 1)).toEqual(log.slice(found.log.base + 1));
        const tokens = new Tokens(found.tokens);
        tokens.follow(found.log, found.log.base);
        const again = kept.known.map((_, n) => tokens.slotOf(`t${n + 1}`));
        expect(again).toEqual(kept.known);
      }
    },
  );

  it('begin behind a copy, with what was copied after it', () => {
    const reader = new ImageReader();
    reader.add(replicaRecord('a-2'));
    const tokens = [{ token: 't', slot: 7 }];
    const facts = { promised: noBallot, logBallot: noBallot, base: 9, kept: 9, tokens };
    reader.add(imageRecord({ replica: 'a-2', ...facts, configuration }));
    reader.add(copyRecord(9, [noop, noop]));
    const { log, kept, tokens: known } = reader.image;
    expect([log.base, log.length, kept, known]).toEqual([9, 11, 9, tokens]);
  });

  it('take nothing of a large change that a crash cut off for a part of the next one', () => {
    const value = 'x'.repeat(1 << 20);
    const command = (call: string): Command => ({ kind: 'write', call, key: 'k', value });
    const commands = Array.from({ length: 9 }, () => command('b'));
    const ballot = { epoch: 1, round: 2, replica: 'a' };
    const [cut, kept] = [new Kept(), new Kept()];
    for (const each of [cut, kept]) each.take({ kind: 'append', command: command('a') });
    cut.take({ kind: 'join', ballot, keep: 1, commands });
    const staged = cut.records[1]!;
    kept.records.push(staged);
    for (let slot = 2; slot <= staged.slot; slot += 1) {
      kept.take({ kind: 'append', command: command('c') });
    }
    kept.take({ kind: 'join', ballot, keep: staged.slot, commands });
    expect(kept.read().log.slice(1)).toEqual(kept.image.log.slice(1));
  });

  it('are refused where a slot is missing that was needed', () => {
    const kept = new Kept();
    for (let slot = 1; slot <= 4; slot += 1) {
      kept.take({ kind: 'append', command: { kind: 'noop' } });
    }
    kept.take({ kind: 'learn', share: 0.5 });
    kept.take({ kind: 'forget', share: 1 });
    expect(kept.needless).toBe(2);
    kept.take({ kind: 'drop', share: 1 });
    expect(kept.read().log.base).toBe(2);
    kept.records.splice(0, 1);
    expect(() => kept.read()).toThrow(Malformed);
  });

  it('tell large changes in several records, which count together or not at all', () => {
    const value = 'x'.repeat(1 << 20);
    const command = (call: string): Command => ({ kind: 'write', call, key: 'k', value });
    const kept = new Kept();
    kept.take({ kind: 'append', command: command('a') });
    const commands = Array.from({ length: 9 }, () => command('b'));
    const ballot = { epoch: 1, round: 2, replica: 'a' };
    kept.take({ kind: 'join', ballot, keep: 1, commands });
    expect(kept.records.length).toBeGreaterThan(4);
    const whole = kept.records;
    for (let cut = 1; cut < whole.length; cut += 1) {
      kept.records = whole.slice(0, cut);
      expect([kept.read().log.length, kept.read().logBallot.round]).toEqual([1, 0]);
    }
    kept.records = whole;
    expect([kept.read().log.length, kept.read().logBallot.round]).toEqual([10, 2]);
    kept.take({ kind: 'learn', share: 1 });
    kept.take({ kind: 'forget', share: 1 });
    for (let left = 0; left < whole.length; left += 1) {
      kept.take({ kind: 'drop', share: 1 / (whole.length - left) });
      expect([kept.read().log.length, kept.read().logBallot.round]).toEqual([10, 2]);
    }
  });
});
