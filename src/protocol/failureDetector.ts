/**
 * When a follower may start an election; spec: specs/detection/FailureDetector.tla. A leader sends
 * heartbeats; a follower that hears none for the whole timeout asks its peers first. One peer that
 * hears the leader itself makes it wait; a quorum that does not, itself included, lets it elect. What
 * must hold over several replicas is the spec's; `invariants` has what one record shows.
 */

export interface LeaderState {
  readonly role: 'leader';
  /** Time until the next heartbeat must be sent. */
  readonly due: number;
}
export interface Follower {
  readonly role: 'follower';
  /** Time until it suspects the leader. */
  readonly left: number;
  /** The same, had no peer been believed; 0: it does not hear the leader itself. */
  readonly heard: number;
  readonly phase: 'following' | 'asking' | 'electing';
  /** Number of the question asked last. */
  readonly question: number;
  /** Peers that, asked by this question, do not hear the leader either. */
  readonly silent: readonly string[];
}
export interface Setup {
  readonly self: string;
  /** All members of the group, the leader included. */
  readonly members: readonly string[];
  readonly leader: string;
  readonly timeout: number;
  readonly interval: number;
  readonly questionMax: number;
}
export interface QuestionMessage {
  readonly type: 'Question';
  readonly from: string;
  readonly to: string;
  readonly number: number;
}
export interface AnswerMessage {
  readonly type: 'Answer';
  readonly from: string;
  readonly to: string;
  readonly number: number;
  readonly hears: boolean;
}
export interface HeartbeatMessage {
  readonly type: 'Heartbeat';
  readonly to: string;
}
export type Message = HeartbeatMessage | QuestionMessage | AnswerMessage;
export type Output =
  | { readonly kind: 'send'; readonly message: Message }
  /** This replica is to run for leader: Replication's Prepare. */
  | { readonly kind: 'elect' };
export interface Step<S> {
  readonly state: S;
  readonly outputs: readonly Output[];
}

function assertTimes({ interval, timeout }: Setup): void {
  if (interval < 1 || interval >= timeout) {
    throw new Error('failureDetector: a heartbeat comes more often than the timeout');
  }
}

export function init(role: 'leader', setup: Setup): LeaderState;
export function init(role: 'follower', setup: Setup): Follower;
export function init(role: 'leader' | 'follower', setup: Setup): LeaderState | Follower {
  assertTimes(setup);
  if (role === 'leader') return { role, due: 0 };
  const { timeout } = setup;
  return { role, left: timeout, heard: timeout, phase: 'following', question: 0, silent: [] };
}

const peersOf = ({ members, leader, self }: Setup): readonly string[] =>
  members.filter((r) => r !== leader && r !== self);

/** The leader tells all followers that it is there. */
export function sendHeartbeat(state: LeaderState, setup: Setup): Step<LeaderState> | undefined {
  if (state.due > 0) return undefined;
  const followers = setup.members.filter((r) => r !== setup.leader);
  return {
    state: { ...state, due: setup.interval },
    outputs: followers.map((to) => ({ kind: 'send', message: { type: 'Heartbeat', to } })),
  };
}

/** The leader is there, as it says itself or as a peer does: nothing to ask any more. */
const waiting = (state: Follower, { timeout }: Setup): Follower => ({
  ...state,
  left: timeout,
  phase: 'following',
  silent: [],
});

/** A follower hears the leader. */
export function receiveHeartbeat(state: Follower, setup: Setup): Step<Follower> | undefined {
  if (state.phase === 'electing') return undefined;
  return { state: { ...waiting(state, setup), heard: setup.timeout }, outputs: [] };
}

/** A follower that has heard of the leader from nobody for the whole timeout asks its peers. */
export function ask(state: Follower, setup: Setup): Step<Follower> | undefined {
  const { phase, left, question } = state;
  if (phase === 'electing' || left > 0) return undefined;
  if (question >= setup.questionMax) return undefined;
  const number = question + 1;
  const from = setup.self;
  return {
    state: { ...state, phase: 'asking', question: number, silent: [] },
    outputs: peersOf(setup).map((to) => ({
      kind: 'send',
      message: { type: 'Question', from, to, number },
    })),
  };
}

/**
 * A peer says whether it hears the leader itself. Hearsay is not hearing: two that asked one another
 * in turn would wait for a dead leader for ever.
 */
export function answer(
  state: Follower,
  { message }: { readonly message: QuestionMessage },
): Step<Follower> {
  const { from, to, number } = message;
  const hears = state.heard > 0;
  return {
    state,
    outputs: [{ kind: 'send', message: { type: 'Answer', from: to, to: from, number, hears } }],
  };
}

/** A peer hears the leader: wait on; it does not: one more that is silent. */
export function receiveAnswer(
  state: Follower,
  { message }: { readonly message: AnswerMessage },
  setup: Setup,
): Step<Follower> | undefined {
  if (state.phase !== 'asking') return undefined;
  if (message.number !== state.question) return undefined;
  if (message.hears) return { state: waiting(state, setup), outputs: [] };
  const silent = [...new Set([...state.silent, message.from])].sort();
  return { state: { ...state, silent }, outputs: [] };
}

/** A quorum does not hear the leader. */
export function elect(state: Follower, setup: Setup): Step<Follower> | undefined {
  if (state.phase !== 'asking') return undefined;
  if (2 * (state.silent.length + 1) <= setup.members.length) return undefined;
  return { state: { ...state, phase: 'electing' }, outputs: [{ kind: 'elect' }] };
}

/** Time passes, for a leader or a follower. */
export function advance(state: LeaderState, given: { readonly elapsed: number }): LeaderState;
export function advance(state: Follower, given: { readonly elapsed: number }): Follower;
export function advance(
  state: LeaderState | Follower,
  { elapsed }: { readonly elapsed: number },
): LeaderState | Follower {
  if (state.role === 'leader') return { ...state, due: Math.max(0, state.due - elapsed) };
  const { left, heard } = state;
  return { ...state, left: Math.max(0, left - elapsed), heard: Math.max(0, heard - elapsed) };
}

export const invariants = {
  /** Who hears the leader does not suspect it. */
  HeardInv: ({ heard, left }: Follower): boolean => heard <= left,
  /** Only who asks collects answers, and never its own. */
  SilentInv: ({ phase, silent }: Follower, { self }: Setup): boolean =>
    (phase !== 'following' || silent.length === 0) && !silent.includes(self),
};
