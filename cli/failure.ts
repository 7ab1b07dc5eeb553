/** What ends the command with one line on stderr. */

/** The message says what is wrong and where; `status` is the exit status. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const USAGE = 2;

/** The user's mistake. */
export class UsageError extends Failure {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(message, USAGE);
  }
}
