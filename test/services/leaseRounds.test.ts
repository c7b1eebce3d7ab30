/** Rounds of renewals and grants come out as they went in, and are listed only where they changed. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Ballot } from '../../src/protocol/replication/ballot.ts';
import { LeaseReader, LeaseWriter } from '../../src/services/leaseRounds.ts';
import type { LeaseMessage } from '../../src/services/leaseRounds.ts';
import { contentOf } from '../../src/services/messageCodec.ts';
import { ByteReader, Malformed } from '../../src/world/bytes.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const runs = { seed, numRuns: process.env['BISIM_LONG'] === '1' ? 100_000 : 500 };

const ballots: readonly Ballot[] = [1, 2, 3].map((round) => ({ epoch: 1, round, replica: 'n1-1' }));
const types = ['renew', 'grant'] as const;

interface Said {
  readonly group: number;
  readonly message: LeaseMessage;
}

function messageOf(type: LeaseMessage['type'], ballot: Ballot, sentAtMs: number): LeaseMessage {
  return type === 'renew'
    ? { type, ballot, sentAtMs }
    : { type, ballot, from: `n2-${ballot.round}`, sentAtMs };
}

/** Rounds of groups that stay the same for a while. */
const anyRounds = fc.array(
  fc.record({
    times: fc.integer({ min: 1, max: 3 }),
    leases: fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(ballots.length - 1)), {
      minLength: 1,
      maxLength: 8,
    }),
  }),
  { minLength: 1, maxLength: 6 },
);

function read(reader: LeaseReader, frame: Uint8Array): Said[] {
  const said: Said[] = [];
  const from = new ByteReader(frame);
  expect(contentOf(from)).toBe('leases');
  reader.read(from, (group, message) => said.push({ group, message }));
  return said;
}

function frameOf(writer: LeaseWriter, round: readonly Said[]): Buffer {
  for (const { group, message } of round) expect(writer.add(group, message)).toBe(true);
  return writer.take();
}

const firstOf = (type: LeaseMessage['type'], groups: number, sentAtMs: number): readonly Said[] =>
  Array.from({ length: groups }, (_, i) => {
    return { group: i + 1, message: messageOf(type, ballots[0]!, sentAtMs) };
  });

describe('rounds of leases', () => {
  it.prop([fc.constantFrom(...types), anyRounds], runs)(
    'come out as they went in, round after round',
    (type, rounds) => {
      const [writer, reader] = [new LeaseWriter(type), new LeaseReader()];
      let sentAtMs = 0;
      for (const { times, leases } of rounds) {
        for (let time = 0; time < times; time += 1) {
          sentAtMs += 667;
          const round = leases.map(([group, ballot]): Said => {
            return { group, message: messageOf(type, ballots[ballot]!, sentAtMs) };
          });
          expect(read(reader, frameOf(writer, round))).toEqual(round);
        }
      }
    },
  );

  it('are not listed again while they stay the same', () => {
    const writer = new LeaseWriter('renew');

    const first = frameOf(writer, firstOf('renew', 2_000, 1));
    const second = frameOf(writer, firstOf('renew', 2_000, 668));
    const fewer = frameOf(writer, firstOf('renew', 1_000, 1_335));

    expect(first.length).toBeGreaterThan(2_000);
    expect(second.length).toBeLessThan(16);
    expect(fewer.length).toBeGreaterThan(1_000);
  });

  it('carry what was sent at one time only', () => {
    const writer = new LeaseWriter('renew');

    expect(writer.add(1, messageOf('renew', ballots[0]!, 1))).toBe(true);
    expect(writer.add(2, messageOf('renew', ballots[0]!, 2))).toBe(false);
    expect(read(new LeaseReader(), writer.take())).toHaveLength(1);
  });

  it('are refused where the link did not bring the list that they name', () => {
    const writer = new LeaseWriter('grant');
    frameOf(writer, firstOf('grant', 3, 1));

    const again = frameOf(writer, firstOf('grant', 3, 2));

    expect(() => read(new LeaseReader(), again)).toThrow(Malformed);
  });

  it.prop([fc.uint8Array({ maxLength: 60 })], runs)('are refused where they are noise', (noise) => {
    const from = new ByteReader(noise);
    try {
      new LeaseReader().read(from, () => undefined);
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed);
    }
    expect(from.left).toBeLessThanOrEqual(noise.length);
  });
});
