/** An error as Amazon States Language knows it: `name` is matched by Retry and Catch, the message is the cause. */
export class StatesError extends Error {
  constructor(name: string, cause = '') {
    super(cause);
    this.name = name;
  }
}

/** What the interpreter cannot run, found while a definition is loaded; `at` is the field below the checked one. */
export class NotSupported extends Error {
  readonly at: readonly (string | number)[];
  constructor(message: string, at: readonly (string | number)[] = []) {
    super(message);
    this.at = at;
  }
}
