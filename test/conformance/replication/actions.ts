/**
 * The actions of specs/replication/Replication.tla that are calls of the code:
 * the environment carries out what each puts out.
 */
import type { ReplicaId } from '../../../src/protocol/replication/ballot.ts';
import { persisted } from '../../../src/protocol/replication/append.ts';
import { init as initReplica } from '../../../src/protocol/replication/state.ts';
import type { Output, State, Step } from '../../../src/protocol/replication/state.ts';
import { sameMessage } from './messages.ts';
import { checkAddress, useful } from './network.ts';
import type { CallState, Model, World } from './world.ts';
import { ballotOf, callOf, each, none, nowOf, replicaOf } from './world.ts';
import { viewOfValue } from './view.ts';

/** Carries out a step of replica r; undefined where the code refuses it. */
export function perform(
  world: World,
  r: ReplicaId,
  act: (state: State, nowMs: number) => Step | undefined,
): World | undefined {
  if (world.alive[r] !== true) return undefined;
  const step = act(replicaOf(world, r), nowOf(world, r));
  if (step === undefined) return undefined;
  return settle(carryOut(world, r, fsynced(world.model, step)));
}

/** With an atomic fsync what was written is durable within the step. */
function fsynced(model: Model, step: Step): Step {
  if (!model.atomicFsync || step.state.unsynced.length === 0) return step;
  const after = persisted(step.state, { writes: step.state.unsynced.length });
  if (after === undefined) throw new Error('an fsync was refused');
  return { state: after.state, outputs: [...step.outputs, ...after.outputs] };
}

function carryOut(world: World, r: ReplicaId, step: Step): World {
  let { msgs, calls, lin } = world;
  for (const output of step.outputs) {
    if (output.kind === 'send') {
      checkAddress(world, r, output);
      const { message } = output;
      if (!msgs.some((known) => sameMessage(known, message))) msgs = [...msgs, message];
    } else if (output.kind === 'reply' && output.status !== 'unknown') {
      calls = answered(calls, output);
    } else if (output.kind === 'apply' && step.state.phase === 'leader') {
      const seen = output.first + output.commands.length - 1;
      if (seen > lin.length) lin = [...lin.slice(0, output.first - 1), ...output.commands];
    }
  }
  return { ...world, msgs, calls, lin, replicas: { ...world.replicas, [r]: step.state } };
}

function answered(calls: World['calls'], output: Output & { kind: 'reply' }): World['calls'] {
  const answer: CallState = {
    status: output.status,
    since: 0,
    value: viewOfValue(output.value),
  };
  return { ...calls, [output.call]: answer };
}

/** Drops the messages that can change nobody's state any more. */
export function settle(world: World): World {
  const kept = world.msgs.filter((message) => useful(world, message));
  return kept.length === world.msgs.length ? world : { ...world, msgs: kept };
}

export function init(model: Model): World {
  const least = Math.min(...[...model.ballots.keys()].filter((bal) => bal > 0));
  const ballot = ballotOf(model, model.leader === undefined ? 0 : least);
  const steady = model.leader !== undefined && model.lease > 0;
  const grants = steady ? [{ ballot, untilMs: model.lease + model.drift }] : [];
  const replica = (r: ReplicaId): State => ({
    ...initReplica(model.groups[r]!),
    promised: ballot,
    logBallot: ballot,
    grants,
    ...(r === model.leader && {
      phase: 'leader',
      ballot,
      held: each(model.replicas, () => model.lease),
    }),
  });
  return {
    model,
    msgs: [],
    calls: each(model.calls, () => ({ status: 'idle', since: 0, value: none })),
    lin: [],
    alive: each(model.replicas, () => true),
    crashes: 0,
    missed: each(model.replicas, () => 0),
    now: each(model.replicas, () => 0),
    replicas: each(model.replicas, replica),
  };
}

/** What the applied store of replica r holds: its log up to its commit. */
export function appliedOf(state: State): (key: string) => string | null {
  return (key) => {
    for (let slot = state.commit; slot > 0; slot -= 1) {
      const command = state.log.at(slot);
      if (command.kind === 'write' && command.key === key) return command.value;
    }
    return null;
  };
}

export function taken(world: World | undefined, c: string): World | undefined {
  if (world === undefined) return undefined;
  const call: CallState = { ...callOf(world, c), status: 'taken' };
  return { ...world, calls: { ...world.calls, [c]: call } };
}
