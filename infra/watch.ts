import { Aws, Duration, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { NOBODY } from './context.ts';

type Watched = {
  functions: Readonly<Record<string, IFunction>> & Readonly<Record<'relay' | 'public' | 'letters', IFunction>>;
  workflows: readonly StateMachine[];
  api: HttpApi;
  dead: IQueue;
};

type Watch = { id: string; metric: IMetric; over: number; minutes?: number; costs: string };

/** At most ten alarms, which cost nothing; each says what it means for the business, not which number was high. */
export function watch(scope: Construct, watched: Watched, adminEmail: string): void {
  const topic = alarmTopic(scope, adminEmail);
  for (const { id, metric, over, minutes = 1, costs } of watches(watched)) {
    const alarm = new Alarm(scope, `${id}Alarm`, {
      metric,
      threshold: over,
      evaluationPeriods: minutes,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: costs,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}

const period = Duration.minutes(5);

function watches({ functions, workflows, api, dead }: Watched): Watch[] {
  const { relay, public: door, letters } = functions;
  return [
    {
      id: 'DeadLetters',
      metric: dead.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      over: 0,
      costs:
        'Something that happened, a schedule or news of a letter reached nobody: a customer may be waiting for an answer that will not come by itself. See the queue of dead letters.',
    },
    {
      id: 'RelayBehind',
      metric: relay.metric('IteratorAge', { period, statistic: Stats.MAXIMUM }),
      over: Duration.minutes(5).toMilliseconds(),
      costs:
        'New leads are stored but nobody hears of them: no seller, no welcome letter, stale lists, for over five minutes. After a day the table forgets to tell them at all.',
    },
    {
      id: 'HistoryTampered',
      metric: new Metric({
        namespace: 'Sdelka',
        metricName: 'EventsTamperedWith',
        dimensionsMap: { service: relay.functionName },
        period,
        statistic: Stats.SUM,
      }),
      over: 0,
      costs:
        'Somebody changed or removed events past the application: the history can no longer be trusted as proof. Find out who has access to the table.',
    },
    {
      id: 'PublicFailing',
      metric: door.metricErrors({ period, statistic: Stats.SUM }),
      over: 0,
      costs: 'Forms, hooks or approval links failed: visitors who wanted to buy saw an error.',
    },
    {
      id: 'ApiFailing',
      metric: api.metricServerError({ period, statistic: Stats.SUM }),
      over: 5,
      costs: 'Sellers see errors instead of their work, or customers on public pages do.',
    },
    {
      id: 'LettersFailing',
      metric: letters.metricErrors({ period, statistic: Stats.SUM }),
      over: 2,
      minutes: 2,
      costs: 'Letters are not going out: welcome letters, approvals and invoices wait in the queue.',
    },
    {
      id: 'CallsGivenUp',
      metric: sum(
        Object.values(functions).map((fn) => fn.metric('AsyncEventsDropped', { period, statistic: Stats.SUM })),
      ),
      over: 0,
      costs:
        'After three tries something that happened had no consequence, such as a lead without an owner. It is kept and tried again every 15 minutes: look for the reason in the logs.',
    },
    {
      id: 'Throttled',
      metric: sum(Object.values(functions).map((fn) => fn.metricThrottles({ period, statistic: Stats.SUM }))),
      over: 0,
      costs:
        "The account's limit of concurrent Lambdas is reached: everybody waits, forms are refused. Ask AWS for a higher quota.",
    },
    ...(workflows.length === 0
      ? []
      : [
          {
            id: 'WorkflowsFailing',
            metric: sum(workflows.map((machine) => machine.metricFailed({ period, statistic: Stats.SUM }))),
            over: 0,
            costs:
              'An approval or another route of a deal stopped in the middle: it waits for ever unless somebody starts it again.',
          },
        ]),
    {
      id: 'MailInDanger',
      metric: new Metric({
        namespace: 'AWS/SES',
        metricName: 'Reputation.BounceRate',
        period: Duration.hours(1),
        statistic: Stats.AVERAGE,
      }),
      over: 0.05,
      costs:
        'Over 5 % of letters bounce: AWS reviews such senders and at 10 % stops all mail of the account. Stop the mailing and clean its list.',
    },
  ];
}

/** @throws Error above ten metrics: CloudWatch's limit for an alarm, met at deployment otherwise */
function sum(metrics: readonly Metric[]): IMetric {
  if (metrics.length > 10)
    throw new Error(`An alarm can watch ten metrics, not ${metrics.length}: split it in infra/watch.ts.`);
  const named = Object.fromEntries(metrics.map((metric, place) => [`m${place}`, metric]));
  return new MathExpression({ expression: Object.keys(named).join('+'), usingMetrics: named, period });
}

function alarmTopic(scope: Construct, adminEmail: string): Topic {
  const topic = new Topic(scope, 'Alarms', { displayName: 'Sdelka', enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  Validations.of(topic).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason: 'No data of customers; a key of its own is paid.',
  });
  if (adminEmail !== NOBODY) topic.addSubscription(new EmailSubscription(adminEmail));
  return topic;
}
