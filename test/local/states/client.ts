import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Cloud } from './cloud.ts';

/** AWS's own client against the local front, signed as the given role. */
export const clientOf = (cloud: Pick<Cloud, 'states'>, caller = 'EventsRole') =>
  new SFNClient({
    endpoint: cloud.states.url,
    region: 'us-east-1',
    credentials: { accessKeyId: `${caller}.worker-1`, secretAccessKey: 'local' },
    maxAttempts: 1,
  });

export const describeExecution = (client: SFNClient, arn: string): Promise<DescribeExecutionOutput> =>
  client.send(new DescribeExecutionCommand({ executionArn: arn }));

/** The names of the states that were entered, in order. */
export async function statesEntered(client: SFNClient, arn: string): Promise<string[]> {
  const history = await client.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }));
  return (history.events ?? []).flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
}
