/** How the processes of a region end when they are asked to. */
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { processRegion } from './processRegion.ts';

it('ends every process of a region by itself when the region is closed, and kills none', async () => {
  const region = await processRegion({ groups: 1 });
  const roles = [...region.dev.region.nodes.map(({ id }) => id), 'control'];
  const ends = roles.map((role) => once(region.dev.process(role)!, 'exit'));

  await region.close();

  const seen = (await Promise.all(ends)) as [number | null, string | null][];
  expect(seen).toEqual(roles.map(() => [0, null]));
});
