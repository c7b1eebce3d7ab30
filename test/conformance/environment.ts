/**
 * What surrounds a replication group, as pure actions of
 * specs/replication/Replication.tla: clients that call and give up, crashes and
 * restarts, and time.
 */
import type { ReplicaId } from '../../src/protocol/replication/ballot.ts';
import { durable, keepable } from '../../src/protocol/replication/operators.ts';
import { restart } from '../../src/protocol/replication/recovery.ts';
import { init as initReplica } from '../../src/protocol/replication/state.ts';
import type { State } from '../../src/protocol/replication/state.ts';
import { settle } from './replication/actions.ts';
import { leftOf } from './replication/network.ts';
import type { CallState, World } from './replication/world.ts';
import { callOf, each, none, nowOf, replicaOf } from './replication/world.ts';

export function invoke(world: World, c: string): World | undefined {
  if (callOf(world, c).status !== 'idle') return undefined;
  const since = world.model.ops[c]?.kind === 'cas' ? world.lin.length : 0;
  const call: CallState = { status: 'invoked', since, value: none };
  return settle({ ...world, calls: { ...world.calls, [c]: call } });
}

export function giveUp(world: World, c: string): World | undefined {
  if (callOf(world, c).status !== 'taken') return undefined;
  const waits = world.model.replicas.some((r) =>
    replicaOf(world, r).waiting.some((waiting) => waiting.call === c),
  );
  if (waits) return undefined;
  const call: CallState = { status: 'unknown', since: 0, value: none };
  return settle({ ...world, calls: { ...world.calls, [c]: call } });
}

/** How much of its commit a replica may have kept. */
export function keptBy(world: World, r: ReplicaId): readonly number[] {
  const most = world.model.keeping.has(r) ? keepable(replicaOf(world, r)) : 0;
  return Array.from({ length: most + 1 }, (_, kept) => kept);
}

/** What is not durable is lost with all that is not written. */
export function crash(world: World, r: ReplicaId, kept: number): World | undefined {
  const { model } = world;
  if (world.alive[r] !== true || !model.crashable.has(r)) return undefined;
  if (world.crashes >= model.crashLimit) return undefined;
  const { promised, logBallot, log } = durable(replicaOf(world, r));
  const fresh = initReplica(model.groups[r]!);
  const lost: State = { ...fresh, promised, logBallot, log, commit: kept };
  return settle({
    ...world,
    crashes: world.crashes + 1,
    alive: { ...world.alive, [r]: false },
    replicas: { ...world.replicas, [r]: lost },
  });
}

export function restarted(world: World, r: ReplicaId): World | undefined {
  if (world.alive[r] === true) return undefined;
  const { promised, logBallot, log, commit } = replicaOf(world, r);
  const step = restart({
    group: world.model.groups[r]!,
    image: { promised, logBallot, log },
    kept: commit,
    nowMs: nowOf(world, r),
  });
  return settle({
    ...world,
    alive: { ...world.alive, [r]: true },
    replicas: { ...world.replicas, [r]: step.state },
  });
}

/** One tick on every clock but the slow one's. */
export function advance(world: World, slow: string): World | undefined {
  const { model } = world;
  if (model.lease === 0 || !timed(world)) return undefined;
  const missed = (world.missed[slow] ?? 0) + 1;
  if (slow !== none && missed > model.drift) return undefined;
  return settle({
    ...world,
    missed: slow === none ? world.missed : { ...world.missed, [slow]: missed },
    now: each(model.replicas, (r) => nowOf(world, r) + (r === slow ? 0 : 1)),
  });
}

function timed(world: World): boolean {
  const about = world.msgs.some(
    (m) => (m.type === 'renew' || m.type === 'grant') && leftOf(world, m) > 0,
  );
  return (
    about ||
    world.model.replicas.some((r) => {
      const state = replicaOf(world, r);
      const now = nowOf(world, r);
      const given = [...state.grants, ...state.waits];
      return (
        given.some((grant) => grant.untilMs > now) ||
        Object.values(state.held).some((untilMs) => untilMs > now)
      );
    })
  );
}
