/**
 * A replicated log in the shape real bindings have: 18 variables, 12 of them functions over three
 * replicas, a grow-only set of message records; the code keeps one record a replica. Only for
 * benchmarks: its graph is made from its own code. Messages and log entries have the spec's fields, so
 * they are viewed as they are.
 */
import { defineBinding } from '../conformance/replay/binding.ts';
import { processRecords } from '../conformance/replay/processRecords.ts';
import { recent } from '../conformance/replay/recent.ts';

export const names = ['r1', 'r2', 'r3'] as const;
type Name = (typeof names)[number];
const calls = ['c1', 'c2'] as const;
const ballots = [1, 2, 3] as const;

type Entry = { readonly bal: number; readonly cmd: string };
type Message = {
  readonly type: 'prepare' | 'promise' | 'accept' | 'accepted';
  readonly bal: number;
  readonly from: string;
  readonly slot: number;
  readonly log: readonly Entry[];
};

interface Replica {
  readonly role: 'follower' | 'candidate' | 'leader';
  readonly ballot: number;
  readonly promised: number;
  readonly logBallot: number;
  readonly log: readonly Entry[];
  readonly commit: number;
  readonly applied: number;
  readonly promises: readonly string[];
  readonly acked: Readonly<Record<string, number>>;
  readonly lease: number;
  readonly up: boolean;
  readonly synced: number;
}

type Call = { readonly status: string; readonly value: string };

export interface World {
  readonly replicas: Readonly<Record<Name, Replica>>;
  readonly msgs: readonly Message[];
  readonly calls: Readonly<Record<string, Call>>;
  readonly chosen: readonly string[];
  readonly crashes: number;
  readonly clock: number;
  readonly epoch: number;
}

const empty: Replica = {
  role: 'follower',
  ballot: 0,
  promised: 0,
  logBallot: 0,
  log: [],
  commit: 0,
  applied: 0,
  promises: [],
  acked: { r1: 0, r2: 0, r3: 0 },
  lease: 0,
  up: true,
  synced: 0,
};

/** Made once for each value of the model. */
function kept<A extends object, R>(make: (value: A) => R): (value: A) => R {
  const known = new WeakMap<A, R>();
  return (value) => {
    const result = known.get(value) ?? make(value);
    known.set(value, result);
    return result;
  };
}

const replicaVariables = Object.keys(empty) as readonly (keyof Replica)[];

type Step = { readonly replica: Replica; readonly send?: Message };

function withStep(w: World, r: Name, step: Step | undefined): World | undefined {
  if (step === undefined) return undefined;
  const { send } = step;
  const known = send === undefined || w.msgs.some((m) => same(m, send));
  return {
    ...w,
    replicas: { ...w.replicas, [r]: step.replica },
    msgs: known ? w.msgs : [...w.msgs, send],
  };
}

function same(a: Message, b: Message): boolean {
  return (
    a.type === b.type &&
    a.bal === b.bal &&
    a.from === b.from &&
    a.slot === b.slot &&
    a.log.length === b.log.length &&
    a.log.every((e, i) => e.bal === b.log[i]!.bal && e.cmd === b.log[i]!.cmd)
  );
}

function receive(
  type: Message['type'],
  act: (s: Replica, m: Message, r: Name) => Step | undefined,
): (w: World, args: { r: Name }, m: Message) => World | undefined {
  return (w, { r }, m) =>
    m.type === type && m.from !== r && w.replicas[r].up
      ? withStep(w, r, act(w.replicas[r], m, r))
      : undefined;
}

const replicas = processRecords<Replica>({
  variables: replicaVariables,
  decode: (slice) => ({
    ...(slice as unknown as Replica),
    promises: [...(slice['promises'] as ReadonlySet<string>)].sort(),
  }),
  view: (s) => ({ ...s, promises: new Set(s.promises) }),
});
const messagesOf = kept((msgs: ReadonlySet<Message>): readonly Message[] => [...msgs]);
const viewOfMessages = recent((msgs: readonly Message[]) => new Set(msgs));

export const labels = [
  ...names.flatMap((r) => ballots.map((b) => ({ action: 'StartElection', args: [r, b] }))),
  ...[
    'Promise',
    'ReceivePromise',
    'Lead',
    'Accept',
    'ReceiveAccepted',
    'Commit',
    'Apply',
    'Sync',
    'Crash',
    'Restart',
  ].flatMap((action) => names.map((r) => ({ action, args: [r] }))),
  ...names.flatMap((r) => calls.map((c) => ({ action: 'Put', args: [r, c] }))),
  ...calls.map((c) => ({ action: 'Invoke', args: [c] })),
];

export const parameterNames: Record<string, string[]> = {
  StartElection: ['r', 'b'],
  Put: ['r', 'c'],
  Invoke: ['c'],
};
for (const { action } of labels) parameterNames[action] ??= ['r'];

const everything = (w: World) => w.msgs;

export const paxos = defineBinding<World>({
  name: 'paxos',
  spec: 'none',
  init: () => ({
    replicas: { r1: empty, r2: empty, r3: empty },
    msgs: [],
    calls: { c1: { status: 'idle', value: '' }, c2: { status: 'idle', value: '' } },
    chosen: [],
    crashes: 0,
    clock: 0,
    epoch: 0,
  }),
  decode: (model) => ({
    replicas: replicas.decode(model, names) as World['replicas'],
    msgs: messagesOf(model['msgs'] as unknown as ReadonlySet<Message>),
    calls: model['calls'] as unknown as World['calls'],
    chosen: model['chosen'] as unknown as readonly string[],
    crashes: model['crashes'] as number,
    clock: model['clock'] as number,
    epoch: model['epoch'] as number,
  }),
  view: (w) => ({
    msgs: viewOfMessages(w.msgs),
    calls: w.calls,
    chosen: w.chosen,
    crashes: w.crashes,
    clock: w.clock,
    epoch: w.epoch,
    ...replicas.view(w.replicas),
  }),
  choices: {
    Promise: everything,
    ReceivePromise: everything,
    Accept: everything,
    ReceiveAccepted: everything,
  },
  actions: {
    StartElection: (w, { r, b }: { r: Name; b: number }) => {
      const s = w.replicas[r];
      if (!s.up || b <= s.promised || b % 3 !== names.indexOf(r)) return undefined;
      return withStep(w, r, {
        replica: { ...s, role: 'candidate', ballot: b, promised: b, promises: [r] },
        send: { type: 'prepare', bal: b, from: r, slot: 0, log: [] },
      });
    },
    Promise: receive('prepare', (s, m, r) =>
      m.bal > s.promised
        ? {
            replica: { ...s, role: 'follower', promised: m.bal, lease: 2 },
            send: { type: 'promise', bal: m.bal, from: r, slot: s.logBallot, log: s.log },
          }
        : undefined,
    ),
    ReceivePromise: receive('promise', (s, m) =>
      s.role === 'candidate' && m.bal === s.ballot && !s.promises.includes(m.from)
        ? {
            replica: {
              ...s,
              promises: [...s.promises, m.from].sort(),
              log: m.log.length > s.log.length ? m.log : s.log,
            },
          }
        : undefined,
    ),
    Lead: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      if (s.role !== 'candidate' || s.promises.length < 2) return undefined;
      return withStep(w, r, { replica: { ...s, role: 'leader', logBallot: s.ballot, lease: 2 } });
    },
    Put: (w, { r, c }: { r: Name; c: string }) => {
      const s = w.replicas[r];
      if (s.role !== 'leader' || w.calls[c]!.status !== 'invoked') return undefined;
      if (s.log.length === 2 || s.log.some(({ cmd }) => cmd === c)) return undefined;
      const log = [...s.log, { bal: s.ballot, cmd: c }];
      return withStep(w, r, {
        replica: { ...s, log, acked: { ...s.acked, [r]: log.length } },
        send: { type: 'accept', bal: s.ballot, from: r, slot: log.length, log },
      });
    },
    Accept: receive('accept', (s, m, r) =>
      m.bal >= s.promised && (s.logBallot < m.bal || s.log.length < m.slot)
        ? {
            replica: { ...s, promised: m.bal, logBallot: m.bal, log: m.log, role: 'follower' },
            send: { type: 'accepted', bal: m.bal, from: r, slot: m.slot, log: [] },
          }
        : undefined,
    ),
    ReceiveAccepted: receive('accepted', (s, m) =>
      s.role === 'leader' && m.bal === s.ballot && s.acked[m.from]! < m.slot
        ? { replica: { ...s, acked: { ...s.acked, [m.from]: m.slot } } }
        : undefined,
    ),
    Commit: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      if (s.role !== 'leader' || s.commit >= s.log.length) return undefined;
      if (names.filter((q) => s.acked[q]! > s.commit).length < 2) return undefined;
      const next = withStep(w, r, { replica: { ...s, commit: s.commit + 1 } })!;
      return { ...next, chosen: s.log.slice(0, s.commit + 1).map(({ cmd }) => cmd) };
    },
    Apply: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      return s.applied < s.commit
        ? withStep(w, r, { replica: { ...s, applied: s.applied + 1 } })
        : undefined;
    },
    Sync: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      return s.up && s.synced < s.log.length
        ? withStep(w, r, { replica: { ...s, synced: s.log.length } })
        : undefined;
    },
    Crash: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      if (!s.up || w.crashes >= 1) return undefined;
      const { promised, logBallot, log, synced } = s;
      const lost = { ...empty, up: false, promised, logBallot, synced, log: log.slice(0, synced) };
      return { ...withStep(w, r, { replica: lost })!, crashes: w.crashes + 1 };
    },
    Restart: (w, { r }: { r: Name }) => {
      const s = w.replicas[r];
      if (s.up) return undefined;
      const next = withStep(w, r, { replica: { ...s, up: true } })!;
      return { ...next, epoch: w.epoch + 1, clock: w.clock + 1 };
    },
    Invoke: (w, { c }: { c: string }) =>
      w.calls[c]!.status === 'idle'
        ? { ...w, calls: { ...w.calls, [c]: { status: 'invoked', value: c } } }
        : undefined,
  },
});
