/** The part of node-getopt 0.3 that the command uses; the package brings no types. */
declare module "node-getopt" {
  export default class Getopt {
    constructor(pattern: readonly (readonly [short: string, long: string, comment: string, fallback?: string])[]);
    errorFunc: (error: Error) => void;
    parse(argv: readonly string[]): { argv: string[]; options: Record<string, string | boolean | string[]> };
    setHelp(text: string): this;
    getHelp(): string;
  }
}
