/** Short forms of the states the tests are made of. */

const invoke = 'arn:aws:states:::lambda:invoke';
const fnArn = (fn: string) => `arn:aws:lambda:us-east-1:000000000000:function:${fn}`;

/** A call of a function with the whole input; only what the function answers is kept. */
export const call = (fn: string, more: object = {}) => ({
  Type: 'Task',
  Resource: invoke,
  Parameters: { FunctionName: fnArn(fn), 'Payload.$': '$' },
  ResultSelector: { 'answer.$': '$.Payload' },
  End: true,
  ...more,
});
/** A function that is given a token; the state waits until the token is settled. */
export const ask = (fn: string, more: object = {}) => ({
  Type: 'Task',
  Resource: `${invoke}.waitForTaskToken`,
  Parameters: { FunctionName: fnArn(fn), Payload: { 'token.$': '$$.Task.Token', 'input.$': '$' } },
  End: true,
  ...more,
});
export const passOn = (more: object = {}) => ({ Type: 'Pass', End: true, ...more });

/** A machine whose first state is the first one given. */
export const machine = (states: Record<string, object>, more: object = {}) => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
  ...more,
});
/** A machine of one state called "Only". */
export const only = (state: object, more: object = {}) => machine({ Only: state }, more);
