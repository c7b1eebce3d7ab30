/**
 * What a storage node shows its operators: whether it is alive, whether it is ready, how it stands,
 * and its metrics. What must hold: looking changes nothing.
 */
import { randomUUID } from 'node:crypto';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { jsonPage } from './httpDoor.ts';
import type { PageMaker } from './httpDoor.ts';
import { nodeHealth } from './nodeHealth.ts';
import { nodeStatus, statusPage } from './nodeStatus.ts';
import { processRegistry } from './processMetrics.ts';
import type { StorageNode } from './storageNode.ts';

/** Of the replicas, the links and the disk. */
function nodeMetrics(node: StorageNode, registry: Registry): void {
  const gauge = gaugesOf(registry);
  const replicas = () => [...node.replicas.values()];
  gauge('groups', 'Replicas on this node', () => node.replicas.size);
  gauge('groups_led', 'Groups this node leads', () => {
    return replicas().filter(({ state }) => state.phase === 'leader').length;
  });
  gauge('slots_behind', 'Slots in logs that are not known to be chosen', () =>
    replicas().reduce((sum, { state }) => sum + state.log.length - state.commit, 0),
  );
  gauge('peers_connected', 'Other nodes this one has a link to', () => node.connectedPeers.length);
  gauge('replicas_read_only', 'Replicas that take nothing, since the disk is full', () => {
    return node.mode === 'readOnly' ? node.replicas.size : 0;
  });
  gauge(
    'groups_quarantined',
    'Groups damaged here, in the log or the items, not built anew',
    () => {
      return node.damagedGroups.length;
    },
  );
  gauge('disk_slow', '1 while the disk is slow, and groups are led elsewhere', () => {
    return Number(node.slow);
  });
}

/** Of the copies of items. */
function copyMetrics(node: StorageNode, registry: Registry): void {
  const gauge = gaugesOf(registry);
  gauge('copies_made', 'Copies of items from other nodes under way', () => {
    return node.copies?.made.running ?? 0;
  });
  gauge('copies_served', 'Copies of items to other nodes under way', () => {
    return node.copies?.served.running ?? 0;
  });
  gauge('copies_waiting', 'Copies of items, made or served, that wait their turn', () => {
    const { made, served } = node.copies ?? {};
    return (made?.waiting ?? 0) + (served?.waiting ?? 0);
  });
}

function archiveMetrics({ archiver }: StorageNode, registry: Registry): void {
  if (archiver === undefined) return;
  const gauge = gaugesOf(registry);
  gauge('archived_slots', 'Slots archived since the start', () => archiver.slots);
  gauge('archive_lag_slots', 'Chosen slots of groups led here that are not archived', () => {
    return archiver.lag;
  });
  gauge('archive_failing', '1 while the archive takes nothing', () => {
    return Number(archiver.failing !== undefined);
  });
  gauge('archive_last_success_age_seconds', 'Since the archive last did as it was asked', () => {
    return archiver.sinceWorkedMs / 1_000;
  });
  new Counter({
    name: 'triad_archive_failures_total',
    help: 'Attempts to archive that failed',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(archiver.failures);
    },
  });
}

const gaugesOf =
  (registry: Registry) =>
  (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `triad_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };

/** `others`: how many other nodes the region has. */
export function nodePages(node: StorageNode, others: number): Record<string, PageMaker> {
  const registry = processRegistry();
  for (const metrics of [nodeMetrics, copyMetrics, archiveMetrics]) metrics(node, registry);
  const { id } = node.entry;
  const run = randomUUID();
  return {
    '/health': () => {
      const { reasons } = nodeHealth(node, others);
      return jsonPage({ healthy: reasons.length === 0, reasons, node: id, run });
    },
    '/ready': () => {
      const { ready, reasons } = nodeHealth(node, others);
      const page = jsonPage({ ready, reasons, node: id });
      return ready ? page : { ...page, status: 503 };
    },
    '/status': statusPage(() => nodeStatus(node, nodeHealth(node, others)), run),
    '/metrics': async () => ({
      type: 'text/plain; version=0.0.4',
      body: await registry.metrics(),
    }),
  };
}
