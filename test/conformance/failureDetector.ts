/**
 * Binding of src/protocol/failureDetector.ts to specs/detection/FailureDetector.tla: a leader, its
 * followers, and a network with links that may be cut (failureDetector/group.ts). The view is total.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import {
  advance,
  answer,
  ask,
  elect,
  init,
  receiveAnswer,
  receiveHeartbeat,
  sendHeartbeat,
} from '../../src/protocol/failureDetector.ts';
import type { Follower, Message, Output, Setup, Step } from '../../src/protocol/failureDetector.ts';
import { crash, cutLink, heal } from './failureDetector/environment.ts';
import { of, without, withSent } from './failureDetector/group.ts';
import type { Bounds, ByName, Link, World } from './failureDetector/group.ts';

type Constants = Readonly<Record<string, TlaValue>>;
type OfFollower = { readonly r: string };
type OfLink = { readonly l: Link };

function mapOf<T>(names: readonly string[], make: (r: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((r) => [r, make(r)]));
}

function boundsOf(constants: Constants): Bounds {
  const number = (name: string): number => constants[name] as number;
  const members = [...(constants.Replicas as ReadonlySet<string>)].sort();
  const leader = constants.Leader as string;
  const limits = {
    timeout: number('Timeout'),
    interval: number('Interval'),
    questionMax: number('QuestionMax'),
  };
  const setups = mapOf(members, (self): Setup => ({ self, members, leader, ...limits }));
  const badLinks = [...(constants.BadLinks as unknown as ReadonlySet<Link>)];
  const followers = members.filter((r) => r !== leader);
  return { leader, followers, setups, badLinks, crashMax: number('CrashMax') };
}

const sentBy = (outputs: readonly Output[]): Message[] =>
  outputs.flatMap((output) => (output.kind === 'send' ? [output.message] : []));

function took(world: World, r: string, step: Step<Follower> | undefined): World | undefined {
  if (step === undefined) return undefined;
  const followers = { ...world.followers, [r]: step.state };
  return withSent({ ...world, followers }, sentBy(step.outputs));
}

/** The messages of a type that have come to r. */
const arrived = (type: Message['type']) => (world: World, args: Record<string, unknown>) =>
  world.messages.filter((m) => m.type === type && m.to === (args['r'] ?? args['p']));

function beat(world: World): World | undefined {
  if (!world.alive) return undefined;
  const step = sendHeartbeat(world.leader, of(world.bounds.setups, world.bounds.leader));
  return step && withSent({ ...world, leader: step.state }, sentBy(step.outputs));
}

function question(world: World, r: string): World | undefined {
  const next = took(world, r, ask(of(world.followers, r), of(world.bounds.setups, r)));
  const hears = (p: string): boolean => of(world.followers, p).heard > 0;
  const steady = world.bounds.followers.filter((p) => p !== r && hears(p));
  return next && { ...next, steady: { ...world.steady, [r]: steady } };
}

/** A running leader is not late, and a heartbeat arrives before the next is due. */
function passTime(world: World): World | undefined {
  const { bounds, messages, leader, followers, steady } = world;
  if (world.alive && leader.due === 0) return undefined;
  const waits = ({ type, to }: Message): boolean =>
    type === 'Heartbeat' && of(followers, to).phase !== 'electing';
  if (messages.some(waits)) return undefined;
  const later = mapOf(bounds.followers, (r) => advance(of(followers, r), { elapsed: 1 }));
  return {
    ...world,
    leader: advance(leader, { elapsed: 1 }),
    followers: later,
    steady: mapOf(bounds.followers, (r) => of(steady, r).filter((p) => of(later, p).heard > 0)),
  };
}

interface ModelState {
  readonly alive: boolean;
  readonly due: number;
  readonly left: ByName<number>;
  readonly heard: ByName<number>;
  readonly phase: ByName<Follower['phase']>;
  readonly question: ByName<number>;
  readonly silent: ByName<ReadonlySet<string>>;
  readonly messages: ReadonlySet<Message>;
  readonly cut: ReadonlySet<Link>;
  readonly steady: ByName<ReadonlySet<string>>;
}

function decode(values: Readonly<Record<string, TlaValue>>, constants: Constants): World {
  const model = values as unknown as ModelState;
  const bounds = boundsOf(constants);
  const followers = mapOf(bounds.followers, (r): Follower => ({
    role: 'follower',
    left: of(model.left, r),
    heard: of(model.heard, r),
    phase: of(model.phase, r),
    question: of(model.question, r),
    silent: [...of(model.silent, r)].sort(),
  }));
  return {
    bounds,
    alive: model.alive,
    leader: { role: 'leader', due: model.due },
    followers,
    messages: [...model.messages],
    cut: [...model.cut],
    steady: mapOf(bounds.followers, (r) => [...of(model.steady, r)]),
  };
}

function view({ bounds, alive, leader, followers, messages, cut, steady }: World) {
  const each = (make: (follower: Follower) => unknown) =>
    mapOf(bounds.followers, (r) => make(of(followers, r)));
  return {
    alive,
    due: leader.due,
    left: each(({ left }) => left),
    heard: each(({ heard }) => heard),
    phase: each(({ phase }) => phase),
    question: each((follower) => follower.question),
    silent: each(({ silent }) => new Set(silent)),
    messages: new Set(messages),
    cut: new Set(cut),
    steady: mapOf(bounds.followers, (r) => new Set(of(steady, r))),
  } as unknown as Record<string, TlaValue>;
}

export const failureDetector = defineBinding<World>({
  name: 'failureDetector',
  spec: 'specs/detection/FailureDetector.tla',
  init: (constants) => {
    const bounds = boundsOf(constants);
    const { followers, setups } = bounds;
    return {
      bounds,
      alive: true,
      leader: init('leader', of(setups, bounds.leader)),
      followers: mapOf(followers, (r) => init('follower', of(setups, r))),
      messages: [],
      cut: [],
      steady: mapOf(followers, () => []),
    };
  },
  decode,
  view,
  choices: {
    ReceiveHeartbeat: arrived('Heartbeat'),
    Answer: arrived('Question'),
    ReceiveAnswer: arrived('Answer'),
  },
  actions: {
    SendHeartbeat: beat,
    ReceiveHeartbeat: (world, { r }: OfFollower, message: Message) =>
      took(
        without(world, message),
        r,
        receiveHeartbeat(of(world.followers, r), of(world.bounds.setups, r)),
      ),
    Ask: (world, { r }: OfFollower) => question(world, r),
    Answer: (world, { p }: { readonly p: string }, message: Message) =>
      message.type === 'Question'
        ? took(without(world, message), p, answer(of(world.followers, p), { message }))
        : undefined,
    ReceiveAnswer: (world, { r }: OfFollower, message: Message) => {
      if (message.type !== 'Answer') return undefined;
      const setup = of(world.bounds.setups, r);
      return took(
        without(world, message),
        r,
        receiveAnswer(of(world.followers, r), { message }, setup),
      );
    },
    Elect: (world, { r }: OfFollower) =>
      took(world, r, elect(of(world.followers, r), of(world.bounds.setups, r))),
    Advance: passTime,
    Crash: crash,
    CutLink: (world, { l }: OfLink) => cutLink(world, l),
    Heal: (world, { l }: OfLink) => heal(world, l),
  },
});
