/**
 * Binds what the nodes of a region recorded to RecordedMembership.tla, for validation: runs in which
 * the members change. Epochs, members, logs, promises, phases, counts and commit indexes of each
 * replica are compared after each step; messages, writes on their way to the disk, grants and leases
 * follow from the steps, as the spec has them.
 */
import { join } from 'node:path';
import { defineBinding } from '../../conformance/replay/binding.ts';
import { binding as membership } from './membership.ts';
import { lower } from './membershipTrace/lower.ts';
import { recordedTrace } from './recordedTrace.ts';

const folder = join(import.meta.dirname, 'membershipTrace');
const specs = join(import.meta.dirname, '../../specs/membership');

/** A world of the code has its writes in the replicas: recordings alone are held to this spec. */
const notReplayed = (): never => {
  throw new Error('recorded runs are validated, not replayed');
};

const environment = ['msgs', 'made', 'lin', 'alive', 'crashes'];

export const binding = defineBinding({
  ...membership,
  name: 'membershipTrace',
  spec: join(folder, 'RecordedMembership.tla'),
  model: join(folder, 'RecordedMembership.cfg'),
  actions: {
    ...membership.actions,
    Persisted: notReplayed,
    Resend: notReplayed,
    Relinquish: notReplayed,
    ReceiveRelinquish: notReplayed,
    Told: notReplayed,
    Kept: notReplayed,
    Lose: notReplayed,
  },
  hidden: [...environment, 'votes', 'kept', 'grants', 'held', 'waits'],
  optional: ['Advance'],
});

export const { lowerInto, validateRun } = recordedTrace({
  ...{ binding, folder, specs, lower },
  path: import.meta.filename,
});
