/**
 * A local region's config: three zones with a storage node each, and a host for log replicas, on this
 * machine's loopback. It is made once for a folder and then read, so that a region comes back as it
 * was.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from './freePorts.ts';
import { readRegion } from './nodeConfig.ts';
import type { ArchiveConfig, RegionConfig } from './nodeConfig.ts';
import { portsFree } from './portsFree.ts';
import type { Wanted } from './portsFree.ts';

export const controlPort = 7400;
const host = '127.0.0.1';
const zones = ['z1', 'z2', 'z3'];
const logHost = { id: 'l1', zone: 'z3' };

export interface DevLayout {
  readonly folder: string;
  readonly groups: number;
  readonly inMemory: boolean;
  readonly controlPort: number;
  readonly leaseMs?: number;
  /** Of a new region that keeps its data; else a directory beside the config. */
  readonly archive?: ArchiveConfig;
}

export const regionFile = (folder: string): string => join(folder, 'region.json');

/** A folder that holds something else than a region. */
export class ForeignFolder extends Error {
  override readonly name = 'ForeignFolder';
}

/** What cannot be used, as a refusal that says what to do. */
export function unusable(folder: string, { message, code }: NodeJS.ErrnoException): Error {
  if (code === undefined) return new Error(message);
  return new ForeignFolder(
    `${folder} cannot hold a region: ${message}. Name a folder that can be written by --data.`,
  );
}

/** `fresh`: the region was made just now. The folder is there; nothing is written before a refusal. */
export async function devLayout(
  o: DevLayout,
): Promise<{ readonly region: RegionConfig; readonly fresh: boolean }> {
  const path = regionFile(o.folder);
  const there = await readFile(path, 'utf8').then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (there) {
    const region = await readRegion(path);
    await portsFree(addresses(region), `Stop what listens there, or change ${path}.`);
    return { region, fresh: false };
  }
  const region = await newRegion(o);
  const next = 'Stop what listens there, or name another port by --control.';
  await portsFree(addresses(region), next);
  await writeFile(`${path}.new`, `${JSON.stringify(region, null, 2)}\n`, { flush: true });
  await rename(`${path}.new`, path);
  return { region: await readRegion(path), fresh: true };
}

function addresses({ nodes, control }: RegionConfig): Wanted[] {
  const ofNodes = nodes.flatMap(({ id, address, http }) => [
    { whose: id, address },
    { whose: id, address: http },
  ]);
  return [{ whose: 'the control plane', address: control }, ...ofNodes];
}

async function newRegion(o: DevLayout): Promise<RegionConfig> {
  const ports = await freePorts(2 * zones.length + 2, host);
  const hosts = [...zones.map((zone, i) => ({ id: `n${i + 1}`, zone })), logHost];
  const nodes = hosts.map(({ id, zone }, i) => ({
    id,
    zone,
    role: id === logHost.id ? ('log' as const) : ('storage' as const),
    address: { host, port: ports[2 * i]! },
    http: { host, port: ports[2 * i + 1]! },
  }));
  const groups = Array.from({ length: o.groups }, (_, i) => {
    // The members take turns in standing first, and so in leading.
    const order = zones.map((_, j) => nodes[(i + j) % zones.length]!);
    const members = order.map(({ id }) => ({
      replica: `${id}-1`,
      node: id,
      role: 'storage' as const,
    }));
    return { number: i + 1, members };
  });
  const control = { host, port: o.controlPort };
  const { inMemory, leaseMs = 2_000 } = o;
  // One clock in twenty is far beyond what quartz does, and what a lease can spare.
  const driftMs = Math.ceil(leaseMs / 20);
  const { archive: to = { kind: 'directory', path: 'archive' } } = o;
  const archive = inMemory ? {} : { archive: to };
  return { region: 'local', control, nodes, groups, leaseMs, driftMs, inMemory, ...archive };
}
