/** A region as its config file says it: nodes, groups, times. Every role starts from this file. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
// Every process of a region loads it: this part of the package takes 3 MB, where all of it takes 14.
import { z } from 'zod/v3';
import { regionFaults } from './regionFaults.ts';

const address = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(1).max(65_535),
});

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and -');

const node = z.strictObject({
  id,
  zone: id,
  /** `log`: it holds log replicas alone, in the places of failed ones. */
  role: z.enum(['storage', 'log']).default('storage'),
  /** Peers and clients. */
  address,
  /** Health, metrics and status over HTTP. */
  http: address,
});

const member = z.strictObject({
  /** A replica that lost its disk comes back under a new id. */
  replica: id,
  node: id,
  /** A log replica keeps the log, and neither leads nor serves. */
  role: z.enum(['storage', 'log']),
});

const group = z.strictObject({
  number: z.number().int().min(1).max(0xffff_ffff),
  members: z.array(member).min(1).max(7),
});

/** Where the logs are archived: credentials come from the environment, never from here. */
const archive = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('directory'),
    /** One for all nodes; relative to the config file. */
    path: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().min(3),
    /** Before the names of all objects. */
    prefix: z.string().max(512).default(''),
    endpoint: z.string().url().optional(),
    region: z.string().min(1).optional(),
    forcePathStyle: z.boolean().default(false),
  }),
]);

export const regionSchema = z
  .strictObject({
    region: id,
    /** The control plane's HTTP address. */
    control: address,
    nodes: z.array(node).min(1),
    groups: z.array(group),
    leaseMs: z.number().int().min(100).default(2_000),
    /** By how much two clocks may drift apart during one lease. */
    driftMs: z.number().int().min(0).default(100),
    /** Nothing is kept: for trials. */
    inMemory: z.boolean().default(false),
    /** Without one nothing is ever truncated, unless nothing is kept anyway. */
    archive: archive.optional(),
  })
  .superRefine((region, context) => {
    for (const message of regionFaults(region)) context.addIssue({ code: 'custom', message });
  });

export type RegionConfig = z.infer<typeof regionSchema>;
export type NodeEntry = z.infer<typeof node>;
export type Member = z.infer<typeof member>;
export type ArchiveConfig = z.infer<typeof archive>;
export type GroupConfig = z.infer<typeof group>;

/** A config file that cannot be used; the message says where and why. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig';
}

/** Each issue, and where in the file it is. */
function shown({ issues }: z.ZodError): string {
  return issues
    .map(({ message, path }) => `${message}${path.length > 0 ? ` at ${path.join('.')}` : ''}`)
    .join('; ');
}

export async function readRegion(path: string): Promise<RegionConfig> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const next = "Name a region's config file; `triad dev --data DIR` makes DIR/region.json.";
    const what = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new BadConfig(`${path}: ${what}. ${next}`, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BadConfig(`${path} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = regionSchema.safeParse(json);
  if (!parsed.success) throw new BadConfig(`${path}: ${shown(parsed.error)}`);
  const { archive: to } = parsed.data;
  if (to?.kind !== 'directory') return parsed.data;
  // Whoever is sent this config has it of another folder.
  return { ...parsed.data, archive: { ...to, path: resolve(dirname(path), to.path) } };
}
