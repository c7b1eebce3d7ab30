/** How far logs may be dropped: what all members of the epoch and the archive have, and no more. */
import { describe, expect, it } from 'vitest';
import { init } from '../../src/protocol/membership/state.ts';
import type { State } from '../../src/protocol/membership/state.ts';
import { truncate } from '../../src/protocol/membership/truncation.ts';
import { CommandLog, noop } from '../../src/protocol/replication/commandLog.ts';
import { Floor } from '../../src/services/floor.ts';
import type { FloorMessage, KeptMessage } from '../../src/services/messageCodec.ts';

const members = ['a', 'b', 'c'];
const slots = 4_000;

class Member {
  nowMs = 0;
  applied = slots;
  archived = slots;
  held = Infinity;
  readonly noted: number[] = [];
  readonly sent: (KeptMessage | FloorMessage)[] = [];
  state: State;
  readonly floor: Floor;

  constructor(phase: State['phase']) {
    const identity = { id: 'a', leaseMs: 0, driftMs: 0 };
    const state = init(identity, { epoch: 2, members, storage: members });
    const log = CommandLog.of(Array.from({ length: slots }, () => noop));
    this.state = { ...state, phase, log, commit: slots };
    this.floor = new Floor({
      state: () => this.state,
      nowMs: () => this.nowMs,
      leader: () => 'b',
      send: (_, message) => this.sent.push(message),
      applied: () => this.applied,
      archived: () => this.archived,
      held: () => this.held,
      write: () => Promise.resolve(),
      truncate: (through) => {
        const step = truncate(this.state, { through });
        this.state = step?.state ?? this.state;
        return step !== undefined;
      },
      keeps: (kept) => this.noted.push(kept),
      kept: 0,
    });
  }

  tick(): void {
    this.nowMs += 1_000;
    this.floor.tick();
  }

  hear(from: string, kept: number, epoch = 2): void {
    this.floor.receive({ type: 'kept', epoch, from, kept });
  }
}

describe('the floor of a leader', () => {
  it('waits for all members of its epoch', () => {
    const leader = new Member('leader');
    leader.hear('b', 3_000);
    leader.hear('c', 2_500, 1);
    leader.hear('d', 2_500);
    leader.tick();
    expect([leader.floor.floor, leader.state.log.base]).toEqual([0, 0]);
    leader.hear('c', 2_500);
    leader.tick();
    expect([leader.floor.floor, leader.state.log.base]).toEqual([2_500, 2_500]);
    expect(leader.sent).toEqual([{ type: 'floor', epoch: 2, floor: 2_500 }]);
    leader.floor.entered();
    leader.applied = slots;
    leader.hear('b', slots);
    leader.tick();
    expect(leader.floor.floor).toBe(2_500);
    expect(leader.noted).toEqual([slots]);
  });

  it.each([
    ['the archive', (leader: Member) => (leader.archived = 1_100)],
    ['its own items', (leader: Member) => (leader.applied = 1_100)],
    [
      'what a member is known to hold',
      (leader: Member) => (leader.state = { ...leader.state, acked: { b: 1_100, c: slots } }),
    ],
  ])('is not above %s', (_, hold) => {
    const leader = new Member('leader');
    hold(leader);
    leader.hear('b', slots);
    leader.hear('c', slots);
    leader.tick();
    expect([leader.floor.floor, leader.state.log.base]).toEqual([1_100, 1_100]);
  });
});

describe('the floor of a follower', () => {
  it('is told by the leader of its epoch, and drops no more than is durable here', () => {
    const follower = new Member('follower');
    follower.applied = 2_000;
    follower.floor.receive({ type: 'floor', epoch: 1, floor: 3_000 });
    follower.tick();
    expect([follower.floor.floor, follower.sent]).toEqual([
      0,
      [{ type: 'kept', epoch: 2, from: 'a', kept: 2_000 }],
    ]);
    follower.floor.receive({ type: 'floor', epoch: 2, floor: 3_000 });
    follower.tick();
    expect([follower.floor.needless, follower.state.log.base]).toEqual([2_000, 2_000]);
    expect(follower.sent.length).toBe(1);
  });

  it('drops nothing that is being copied from it, and little at a time not at all', () => {
    const follower = new Member('follower');
    follower.held = 500;
    follower.floor.receive({ type: 'floor', epoch: 2, floor: slots });
    follower.tick();
    expect([follower.floor.needless, follower.state.log.base]).toEqual([500, 0]);
    follower.held = Infinity;
    follower.tick();
    expect(follower.state.log.base).toBe(slots);
  });
});
