/** Rough weather with a seed, so that a failing run can be repeated. */
export type Rough = { seed: number };

/** Random numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How long each copy of an event is held back, in ms: usually one copy, sometimes two, and in no order. */
export function roughDelays(random: () => number): readonly number[] {
  const copies = random() < 0.2 ? 2 : 1;
  return Array.from({ length: copies }, () => Math.floor(random() * 400));
}
