import fc from 'fast-check';

/**
 * Where what is tried by chance begins. Always with the same: what has passed once for a change passes for it again, and
 * what is new is looked for by `npm run fuzz` and by who sets `STACK_TEST_SEED`.
 */
export const firstSeed = Number(process.env.STACK_TEST_SEED ?? 1);

fc.configureGlobal({ seed: firstSeed });

export default fc;
