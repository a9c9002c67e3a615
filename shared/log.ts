import { Logger } from '@aws-lambda-powertools/logger';

let logger: Logger | undefined;

/** JSON log lines; the request id of the present work stands in each. Never given bodies, tokens or secrets. */
export const log = (): Logger =>
  (logger ??= new Logger({ serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'sdelka' }));

/** Names the request all further lines of this invocation belong to. */
export const logFor = (requestId: string): Logger => {
  log().appendKeys({ requestId });
  return log();
};
