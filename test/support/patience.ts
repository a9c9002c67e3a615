import type { Got } from '#local/person.ts';

const TRIES = 12;

/** Repeats a call until it is answered by other than a failure of ours, as a patient client does. */
export async function accepted<T extends { status: number }>(call: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    const answer = await call();
    if (answer.status < 400) return answer;
    if (answer.status < 500 || turn === TRIES)
      throw new Error(`${answer.status} ${JSON.stringify((answer as Partial<Got>).body)}`);
  }
}

/** Repeats steps that only read, or may be taken twice, while they fail because of us. */
export async function insist<T>(step: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await step();
    } catch (error) {
      if (turn === TRIES || !(error instanceof Error) || !/^5\d\d /.test(error.message)) throw error;
    }
  }
}
