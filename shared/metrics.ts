import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

let metrics: Metrics | undefined;

/** Counts something that an alarm watches; written as a log line in CloudWatch's embedded metric format. */
export function count(name: string, value = 1): void {
  metrics ??= new Metrics({ namespace: 'Sdelka', serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'sdelka' });
  metrics.addMetric(name, MetricUnit.Count, value);
  metrics.publishStoredMetrics();
}
