/** What a storage node is told: itself, its region, and the groups it holds replicas of. */
import { z } from 'zod';

const address = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535),
});

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -');

const member = z.strictObject({
  /** A replica that lost its disk comes back under a new id. */
  replica: id,
  node: id,
  /** A log replica keeps the log, and neither leads nor serves. */
  role: z.enum(['storage', 'log']),
});

const group = z.strictObject({
  number: z.int().min(1).max(0xffff_ffff),
  members: z.array(member).min(1).max(7),
});

export const regionSchema = z.strictObject({
  region: id,
  nodes: z.array(z.strictObject({ id, zone: id, address })).min(1),
  groups: z.array(group),
  leaseMs: z.int().min(100).default(2_000),
  driftMs: z.int().min(0).default(100),
});

export const nodeConfigSchema = regionSchema.extend({
  node: id,
  /** The data folder; null keeps everything in memory. */
  data: z.string().min(1).nullable(),
});

export type RegionConfig = z.infer<typeof regionSchema>;
export type NodeConfig = z.infer<typeof nodeConfigSchema>;
export type MemberConfig = z.infer<typeof member>;
