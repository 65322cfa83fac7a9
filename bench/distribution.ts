import * as v from 'valibot';

/** How a number is drawn. `bench/timings/README.md` tells each in words. */
export type Distribution =
  | number
  | { readonly uniform: readonly [number, number] }
  | { readonly lognormal: { readonly median: number; readonly sigma: number } }
  | { readonly pareto: { readonly minimum: number; readonly alpha: number; readonly maximum?: number | undefined } }
  | { readonly oneOf: ReadonlyArray<{ readonly weight: number; readonly of: Distribution }> }
  | { readonly values: readonly number[] };

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

export const distribution: v.GenericSchema<unknown, Distribution> = v.union(
  [
    amount,
    v.strictObject({ uniform: v.tuple([amount, amount]) }),
    v.strictObject({ lognormal: v.strictObject({ median: positive, sigma: amount }) }),
    v.strictObject({ pareto: v.strictObject({ minimum: positive, alpha: positive, maximum: v.optional(positive) }) }),
    v.strictObject({
      oneOf: v.pipe(
        v.array(v.strictObject({ weight: positive, of: v.lazy((): typeof distribution => distribution) })),
        v.minLength(1),
      ),
    }),
    v.strictObject({ values: v.pipe(v.array(amount), v.minLength(1)) }),
  ],
  'a number, or one of uniform, lognormal, pareto, oneOf and values',
);

export function draw(from: Distribution, chance: () => number): number {
  if (typeof from === 'number') return from;
  if ('uniform' in from) return from.uniform[0] + chance() * (from.uniform[1] - from.uniform[0]);
  if ('lognormal' in from) return from.lognormal.median * Math.exp(from.lognormal.sigma * normal(chance));
  if ('pareto' in from) {
    const { minimum, alpha, maximum = Number.POSITIVE_INFINITY } = from.pareto;
    return Math.min(maximum, minimum * (1 - chance()) ** (-1 / alpha));
  }
  if ('values' in from) return from.values[Math.floor(chance() * from.values.length)] ?? 0;
  let left = chance() * from.oneOf.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, of } of from.oneOf) {
    left -= weight;
    if (left < 0) return draw(of, chance);
  }
  return draw(from.oneOf.at(-1)!.of, chance);
}

/** Box and Muller's: a number of the standard normal distribution. */
const normal = (chance: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
