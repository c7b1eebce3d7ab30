/** Arbitrary ballots, commands, messages and requests, as the codecs take them. */
import fc from 'fast-check';
import type { Ballot } from '../../src/protocol/replication/ballot.ts';
import { noop } from '../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../src/protocol/replication/commandLog.ts';
import type { GroupMessage } from '../../src/services/messageCodec.ts';
import type { Request, Response } from '../../src/services/requestCodec.ts';
import { statuses } from '../../src/services/requestCodec.ts';

const count = fc.oneof(fc.nat(200), fc.maxSafeNat());
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((value) => !/\p{Surrogate}/u.test(value));
const value = fc.option(text, { nil: null });
const replica = fc.constantFrom('n1-1', 'n2-1', 'n3-7');

export const anyBallot: fc.Arbitrary<Ballot> = fc.record({ epoch: count, round: count, replica });

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.constant(noop),
  fc.record({ kind: fc.constant('write' as const), call: text, key: text, value }),
  fc.record({
    kind: fc.constant('reconfigure' as const),
    epoch: count,
    members: fc.array(replica, { maxLength: 4 }),
    storage: fc.array(replica, { maxLength: 3 }),
  }),
);

const entries = fc.array(anyCommand, { maxLength: 4 });
const grants = fc.array(fc.record({ ballot: anyBallot, leftMs: count }), { maxLength: 3 });
const opening = fc.record({
  epoch: count,
  opened: count,
  members: fc.array(replica, { maxLength: 4 }),
  storage: fc.array(replica, { maxLength: 3 }),
});
const tokens = fc
  .array(fc.record({ token: text, slot: count }), { maxLength: 4 })
  .map((all) => all.sort((a, b) => a.slot - b.slot));
const of = <T extends string>(type: T) => fc.constant(type);

const anyPromise = fc.record({
  type: of('promise'),
  ballot: anyBallot,
  from: replica,
  logBallot: anyBallot,
  start: count,
  entries,
  grants,
});
const anyJoin = fc.record({
  type: of('join'),
  ballot: anyBallot,
  to: replica,
  start: count,
  entries,
});

export const anyMessage: fc.Arbitrary<GroupMessage> = fc.oneof(
  fc.record({ type: of('prepare'), ballot: anyBallot, commit: count }),
  anyPromise,
  anyJoin,
  fc.record({ type: of('accept'), ballot: anyBallot, slot: count, command: anyCommand }),
  fc.record({ type: of('accepted'), ballot: anyBallot, from: replica, length: count }),
  fc.record({ type: of('commit'), ballot: anyBallot, slot: count }),
  fc.record({ type: of('renew'), ballot: anyBallot, sentAtMs: count }),
  fc.record({ type: of('grant'), ballot: anyBallot, from: replica, sentAtMs: count }),
  fc.record({ type: of('relinquish'), ballot: anyBallot }),
  fc.record({ type: of('question'), from: replica, number: count }),
  fc.record({ type: of('answer'), from: replica, number: count, hears: fc.boolean() }),
  fc.record({
    type: of('epoch'),
    epoch: count,
    members: fc.array(replica, { maxLength: 4 }),
    storage: fc.array(replica, { maxLength: 3 }),
    start: count,
    entries,
  }),
  fc.record({ type: of('copyAsk'), epoch: count, have: count }),
  fc.record({ type: of('copy'), start: count, entries }),
  fc.record({ type: of('kept'), epoch: count, from: replica, kept: count }),
  fc.record({ type: of('floor'), epoch: count, floor: count }),
  fc.record({ type: of('takeUp'), slot: count, from: opening }),
  fc.record({ type: of('itemsAsk'), copy: count, after: value }),
  fc.record({
    type: of('items'),
    copy: count,
    slot: count,
    base: count,
    from: opening,
    after: value,
    items: fc.array(fc.record({ key: text, value: text }), { maxLength: 4 }),
    sum: count,
    last: fc.boolean(),
    tokens,
  }),
  fc.record({ type: of('holds'), ballot: anyBallot, logBallot: anyBallot, length: count }),
  fc.record({
    type: of('partly'),
    logBallot: anyBallot,
    left: count,
    message: fc.oneof(anyPromise, anyJoin),
  }),
);

export const anyRequest: fc.Arbitrary<Request> = fc.record({
  id: count,
  group: count,
  key: text,
  op: fc.oneof(
    fc.record({ kind: of('put'), token: text, value }),
    fc.record({ kind: of('cas'), token: text, value, expected: value }),
    fc.record({ kind: fc.constantFrom('get' as const, 'eventualGet' as const) }),
    fc.record({ kind: fc.constantFrom('where' as const, 'archive' as const) }),
    fc.record({ kind: of('checksum'), slot: count, waitMs: count }),
    fc.record({ kind: of('build'), source: text }),
    fc.record({ kind: of('retire'), replica, epoch: count }),
    fc.record({
      kind: of('reconfigure'),
      epoch: count,
      members: fc.array(replica, { maxLength: 4 }),
      storage: fc.array(replica, { maxLength: 3 }),
    }),
  ),
});

export const anyResponse: fc.Arbitrary<Response> = fc.record({
  id: count,
  status: fc.constantFrom(...statuses),
  value,
  leader: text,
});
