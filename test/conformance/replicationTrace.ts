/**
 * Binds what the nodes of a region recorded to RecordedReplication.tla, for validation. The log, the
 * promises, the phases, the counts, the commit index and the waiting replies of each replica are
 * compared after each step, and what a client was told with each answer; messages, grants and
 * leases follow from the steps, as the spec has them.
 */
import { join } from 'node:path';
import { defineBinding } from '../../conformance/replay/binding.ts';
import { binding as replication } from './replication.ts';
import { lower } from './replicationTrace/lower.ts';
import { recordedTrace } from './recordedTrace.ts';

const folder = join(import.meta.dirname, 'replicationTrace');
const specs = join(import.meta.dirname, '../../specs/replication');

export const binding = defineBinding({
  ...replication,
  name: 'replicationTrace',
  spec: join(folder, 'RecordedReplication.tla'),
  model: join(folder, 'RecordedReplication.cfg'),
  hidden: [
    ...['msgs', 'calls', 'lin', 'alive', 'crashes', 'missed'],
    ...['unsynced', 'votes', 'grants', 'held', 'waits'],
  ],
  optional: ['Advance'],
});

export const { lowerInto, validateRun } = recordedTrace({
  ...{ binding, folder, specs, lower },
  path: import.meta.filename,
});
