/**
 * Two-phase commit: resource managers, their coordinator, and what is in flight between them.
 * Each function is one step; `undefined` says that it is not possible now.
 */
export type Outcome = 'commit' | 'abort';
export type Phase = 'working' | 'prepared' | 'committed' | 'aborted';
export type Message =
  { readonly type: 'prepared'; readonly rm: string } | { readonly type: Outcome };

export interface Coordinator {
  readonly decision: Outcome | 'none';
  readonly votes: readonly string[];
}

export interface System {
  readonly managers: ReadonlyMap<string, Phase>;
  readonly coordinator: Coordinator;
  readonly inFlight: readonly Message[];
}

export function begin(managers: Iterable<string>): System {
  return {
    managers: new Map([...managers].map((rm) => [rm, 'working'])),
    coordinator: { decision: 'none', votes: [] },
    inFlight: [],
  };
}

function withPhase(system: System, rm: string, phase: Phase): System {
  return { ...system, managers: new Map(system.managers).set(rm, phase) };
}

function sent(inFlight: readonly Message[], message: Message): readonly Message[] {
  const known = inFlight.some((other) => JSON.stringify(other) === JSON.stringify(message));
  return known ? inFlight : [...inFlight, message];
}

export function prepare(system: System, rm: string): System | undefined {
  if (system.managers.get(rm) !== 'working') return undefined;
  const inFlight = sent(system.inFlight, { type: 'prepared', rm });
  return { ...withPhase(system, rm, 'prepared'), inFlight };
}

export function giveUp(system: System, rm: string): System | undefined {
  return system.managers.get(rm) === 'working' ? withPhase(system, rm, 'aborted') : undefined;
}

export function readVote(system: System, message: Message): System | undefined {
  const { decision, votes } = system.coordinator;
  if (decision !== 'none' || message.type !== 'prepared') return undefined;
  if (votes.includes(message.rm)) return system;
  const counted = [...votes, message.rm].sort();
  return { ...system, coordinator: { decision, votes: counted } };
}

export function decide(system: System, outcome: Outcome): System | undefined {
  const { decision, votes } = system.coordinator;
  if (decision !== 'none') return undefined;
  if (outcome === 'commit' && votes.length < system.managers.size) return undefined;
  return {
    ...system,
    coordinator: { decision: outcome, votes },
    inFlight: sent(system.inFlight, { type: outcome }),
  };
}

export function obey(system: System, rm: string, message: Message): System | undefined {
  if (message.type === 'prepared') return undefined;
  return withPhase(system, rm, message.type === 'commit' ? 'committed' : 'aborted');
}
