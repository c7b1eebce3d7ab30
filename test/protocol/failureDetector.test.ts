/**
 * Unit tests of src/protocol/failureDetector.ts, one describe per action, and random schedules of
 * five members beyond the models' bounds. fast-check prints the failing seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advance,
  answer,
  ask,
  elect,
  init,
  invariants,
  receiveAnswer,
  receiveHeartbeat,
  sendHeartbeat,
} from '../../src/protocol/failureDetector.ts';
import type { Follower, Setup } from '../../src/protocol/failureDetector.ts';
import { failureDetector } from '../conformance/failureDetector.ts';
import type { World } from '../conformance/failureDetector/group.ts';

const setup: Setup = {
  self: 'a',
  members: ['a', 'b', 'c', 'd', 'l'],
  leader: 'l',
  timeout: 3,
  interval: 1,
  questionMax: 9,
};
const follower = init('follower', setup);
const deaf: Follower = { ...follower, left: 0, heard: 0 };
const told: Follower = { ...deaf, left: 3 };
const asking: Follower = { ...deaf, phase: 'asking', question: 2 };
const said = (from: string, hears: boolean, number = 2) =>
  ({ type: 'Answer', from, to: 'a', number, hears }) as const;

describe('SendHeartbeat', () => {
  it('goes to every follower when it is due', () => {
    const step = sendHeartbeat(init('leader', setup), setup);
    expect(step?.outputs.map((o) => o.kind === 'send' && o.message.to)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(step && sendHeartbeat(step.state, setup)).toBeUndefined();
  });
  it('is more frequent than the timeout, or nothing starts', () => {
    expect(() => init('leader', { ...setup, interval: 3 })).toThrow(/timeout/);
  });
});

describe('ReceiveHeartbeat', () => {
  it('ends a question', () => {
    expect(receiveHeartbeat({ ...asking, silent: ['b'] }, setup)?.state).toEqual({
      ...follower,
      question: 2,
    });
  });
  it('comes too late for one that elects', () => {
    expect(receiveHeartbeat({ ...asking, phase: 'electing' }, setup)).toBeUndefined();
  });
});

describe('Ask', () => {
  it('asks all peers but the leader, by a new number', () => {
    const step = ask({ ...asking, silent: ['b'] }, setup);
    expect(step?.state).toMatchObject({ question: 3, silent: [] });
    expect(step?.outputs).toHaveLength(3);
  });
  it('is not enabled while the leader is heard, or a peer says that it is', () => {
    expect(ask({ ...follower, left: 1, heard: 1 }, setup)).toBeUndefined();
    expect(ask({ ...told, left: 1 }, setup)).toBeUndefined();
  });
});

describe('Answer', () => {
  it('says whether the leader itself is heard, and not what a peer said of it', () => {
    const message = { type: 'Question', from: 'b', to: 'a', number: 5 } as const;
    const given = (state: Follower) => answer(state, { message }).outputs[0];
    expect(given(follower)).toMatchObject({ message: { to: 'b', number: 5, hears: true } });
    expect(given(deaf)).toMatchObject({ message: { hears: false } });
    expect(given(told)).toMatchObject({ message: { hears: false } });
  });
});

describe('ReceiveAnswer', () => {
  it('collects who does not hear the leader, each once', () => {
    const once = receiveAnswer(asking, { message: said('b', false) }, setup)?.state ?? asking;
    expect(receiveAnswer(once, { message: said('b', false) }, setup)?.state.silent).toEqual(['b']);
  });
  it('waits on where one peer hears it, and has not heard it itself', () => {
    const step = receiveAnswer({ ...asking, silent: ['b'] }, { message: said('c', true) }, setup);
    expect(step?.state).toMatchObject({ phase: 'following', left: 3, heard: 0, silent: [] });
  });
  it('ignores answers to older questions', () => {
    expect(receiveAnswer(asking, { message: said('b', false, 1) }, setup)).toBeUndefined();
  });
});

describe('Elect', () => {
  it('takes a quorum that does not hear the leader', () => {
    expect(elect({ ...asking, silent: ['b'] }, setup)).toBeUndefined();
    const step = elect({ ...asking, silent: ['b', 'c'] }, setup);
    expect(step?.state.phase).toBe('electing');
    expect(step?.outputs).toEqual([{ kind: 'elect' }]);
  });
});

describe('Advance', () => {
  it('counts down, and not below 0', () => {
    expect(advance(follower, { elapsed: 9 })).toMatchObject({ left: 0, heard: 0 });
    expect(advance({ ...told, heard: 1 }, { elapsed: 2 })).toMatchObject({ left: 1, heard: 0 });
    expect(advance({ role: 'leader', due: 2 }, { elapsed: 1 }).due).toBe(1);
  });
});

describe('schedules beyond the bounds of the models', () => {
  const members = ['a', 'b', 'c', 'd', 'l'];
  const links: readonly (readonly [string, string])[] = [
    ['l', 'a'],
    ['l', 'b'],
    ['c', 'd'],
  ];
  const constants = {
    Replicas: new Set(members),
    Leader: 'l',
    BadLinks: new Set(links),
    Timeout: 3,
    Interval: 1,
    QuestionMax: 50,
    CrashMax: 0,
  };
  const actions = Object.keys(failureDetector.actions);
  // Time passes only between heartbeats that all have arrived: those steps come more often.
  const frequent = ['Advance', 'SendHeartbeat', 'ReceiveHeartbeat', 'CutLink'];
  const named = fc.oneof(fc.constantFrom(...actions), fc.constantFrom(...frequent));
  const step = fc.tuple(named, fc.nat(3), fc.nat(50));

  function next(world: World, [action, at, pick]: [string, number, number]): World {
    const name = members[at] ?? 'a';
    const args = { r: name, p: name, l: links[at % links.length] };
    const offered = failureDetector.choices?.[action]?.(world, args as never, constants as never);
    const choices = offered === undefined ? [undefined] : [...offered];
    if (choices.length === 0) return world;
    const choice = choices[pick % choices.length];
    const taken = failureDetector.actions[action]?.(
      world,
      args as never,
      choice,
      constants as never,
    );
    return (taken as World | undefined) ?? world;
  }

  it('never elects while the leader runs and two of four followers hear it', () => {
    let asked = 0;
    const schedules = fc.array(step, { minLength: 150, maxLength: 300 });
    fc.assert(
      fc.property(schedules, (schedule) => {
        let world = failureDetector.init(constants as never) as World;
        for (const taken of schedule) {
          world = next(world, taken);
          for (const [self, state] of Object.entries(world.followers)) {
            expect(invariants.HeardInv(state)).toBe(true);
            expect(invariants.SilentInv(state, { ...setup, self })).toBe(true);
            expect(state.phase).not.toBe('electing');
            if (state.phase === 'asking') asked += 1;
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(asked).toBeGreaterThan(0);
  });
});
