import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateGraph } from '../../conformance/behaviour/graph.ts';
import { edgeTours, pathTree, shortestPath, type Path } from '../../conformance/behaviour/tour.ts';
import { anyGraph, codeOf, dumpHead, edgeLine, nodeLine, read } from './behaviourGraphs.ts';

/** Where the path ends; throws where it is no path of the graph. */
function walk(graph: StateGraph, path: Path): number {
  let at = path.start;
  expect([...graph.initial]).toContain(at);
  for (const edge of path.edges) {
    expect(edge).toBeGreaterThanOrEqual(graph.edgeOffset[at]!);
    expect(edge).toBeLessThan(graph.edgeOffset[at + 1]!);
    at = graph.edgeTarget[edge]!;
  }
  return at;
}

describe('edgeTours', () => {
  it('take every edge of a graph, from initial states, within the length', () => {
    fc.assert(
      fc.property(anyGraph, fc.integer({ min: 0, max: 30 }), fc.nat(), (graph, slack, seed) => {
        const depth = Math.max(...pathTree(graph).depth);
        const maxLength = depth + 1 + slack;
        const taken = new Set<number>();
        for (const tour of edgeTours(graph, { maxLength, seed })) {
          expect(tour.edges.length).toBeLessThanOrEqual(maxLength);
          expect(tour.edges.length).toBeGreaterThan(0);
          const before = taken.size;
          walk(graph, tour);
          for (const edge of tour.edges) taken.add(edge);
          expect(taken.size).toBeGreaterThan(before);
        }
        expect(taken.size).toBe(graph.edgeCount);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same for one seed and others for another', () => {
    const [graph] = fc.sample(anyGraph, { numRuns: 1, seed: 5 });
    const tours = (seed: number): number[][] =>
      [...edgeTours(graph!, { maxLength: 60, seed })].map((tour) => [...tour.edges]);
    expect(tours(1)).toEqual(tours(1));
    expect(
      [2, 3, 4, 5].some((seed) => JSON.stringify(tours(seed)) !== JSON.stringify(tours(1))),
    ).toBe(true);
  });

  it('refuse a length that cannot reach the deepest edges', async () => {
    const chain = Array.from(
      { length: 9 },
      (_, i) => edgeLine(`${i}`, `${i + 1}`, 'A') + nodeLine(`${i + 1}`, `x = ${i + 1}`),
    );
    const graph = await read(`${dumpHead}${nodeLine('0', 'x = 0', true)}${chain.join('')}}\n}`);
    expect(await codeOf(() => [...edgeTours(graph, { maxLength: 8 })])).toBe('unreachable');
    expect([...edgeTours(graph, { maxLength: 9 })].map((tour) => tour.edges.length)).toEqual([9]);
  });

  it('take the edges that given start nodes reach, and no others', async () => {
    const dump =
      dumpHead +
      nodeLine('0', 'x = 0', true) +
      nodeLine('1', 'x = 1', true) +
      nodeLine('2', 'x = 2') +
      edgeLine('0', '0', 'A') +
      edgeLine('1', '2', 'A') +
      edgeLine('2', '1', 'A') +
      '}\n}';
    const graph = await read(dump);
    expect(
      [...edgeTours(graph, { maxLength: 5, from: [1] })].map((tour) => [...tour.edges]),
    ).toEqual([[1, 2]]);
  });
});

describe('shortestPath', () => {
  it('leads to the node in as many edges as its depth, and no edge is a short cut', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const { depth } = pathTree(graph);
        for (let node = 0; node < graph.nodeCount; node++) {
          const path = shortestPath(graph, node);
          expect(walk(graph, path)).toBe(node);
          expect(path.edges.length).toBe(depth[node]);
          for (let e = graph.edgeOffset[node]!; e < graph.edgeOffset[node + 1]!; e++) {
            expect(depth[graph.edgeTarget[e]!]!).toBeLessThanOrEqual(depth[node]! + 1);
          }
        }
      }),
    );
  });

  it('refuses a node that no initial state reaches', async () => {
    const dump = `${dumpHead}${nodeLine('0', 'x = 0', true)}${nodeLine('1', 'x = 1')}${edgeLine('1', '0', 'A')}}\n}`;
    const graph = await read(dump);
    expect(await codeOf(() => shortestPath(graph, 1))).toBe('unreachable');
    expect(await codeOf(() => shortestPath(graph, 99))).toBe('unreachable');
  });
});
