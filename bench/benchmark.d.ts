/** The part of the `benchmark` package (https://benchmarkjs.com/docs/) that bench/measure.ts uses. */
declare module "benchmark" {
  export default class Benchmark {
    constructor(name: string, run: () => void, options?: { minSamples?: number; maxTime?: number });
    /** Synchronous unless the option `async` is given. */
    run(): this;
    readonly error?: Error;
    readonly stats: {
      /** Seconds per call, one entry for each sampling. */
      readonly sample: readonly number[];
      /** Relative margin of error of the mean, in percent, at 95 % confidence. */
      readonly rme: number;
    };
  }
}
