/**
 * A replica comes back after a crash, in the epoch that its durable promise names.
 * Spec: specs/membership/Membership.tla, `Crash` and `Restart`.
 */
import * as recovery from '../replication/recovery.ts';
import type { Image } from '../replication/state.ts';
import type { Configuration, Identity, State, Step } from './state.ts';

export interface RestartArgs {
  readonly identity: Identity;
  /** The configuration of the first epoch, or the newest that was stored when slots were dropped. */
  readonly first: Configuration & { readonly opened?: number };
  readonly image: Image;
  /** The slots that are durably known to be chosen. */
  readonly kept: number;
  readonly nowMs: number;
}

/**
 * Starts from what was durable; the configuration is read off the log. A replica that
 * waits to become a member goes on waiting.
 */
export function restart({ identity, first, image, kept, nowMs }: RestartArgs): Step {
  const { epoch } = image.promised;
  const { opened, members, storage } = configurationOf(image, first);
  const group = { ...identity, members, storage };
  const step = recovery.restart({ group, image, kept, nowMs });
  const state: State = { ...step.state, epoch, opened };
  return { state, outputs: step.outputs };
}

function configurationOf(
  { promised, log }: Image,
  first: RestartArgs['first'],
): Configuration & { readonly opened: number } {
  if (promised.epoch === 0) return { epoch: 0, members: [], storage: [], opened: 0 };
  for (let slot = log.length; slot > log.base; slot -= 1) {
    const command = log.at(slot);
    if (command.kind !== 'reconfigure' || command.epoch !== promised.epoch - 1) continue;
    return { ...command, epoch: promised.epoch, opened: slot };
  }
  if (first.epoch !== promised.epoch) {
    throw new Error(`membership: the log does not tell the members of epoch ${promised.epoch}`);
  }
  return { ...first, opened: first.opened ?? 0 };
}
