import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';

/** The deployed stack: what the checks need of it. */
export type Deployed = {
  status: string;
  terminationProtection: boolean;
  outputs: Readonly<Record<string, string>>;
  /** Physical ids by resource type. */
  ids(type: string): string[];
  /** ARN of the distribution's own certificate, if it has one. */
  certificate: string | undefined;
};

type Template = {
  Resources?: Record<
    string,
    { Type: string; Properties?: { DistributionConfig?: { ViewerCertificate?: { AcmCertificateArn?: unknown } } } }
  >;
};

/** Reads the stack from CloudFormation, in the region and with the credentials of the environment. */
export async function readDeployed(name: string): Promise<Deployed> {
  const client = new CloudFormationClient({});
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
  if (!stack) throw new Error(`There is no stack ${name}: name another by --stack, or set AWS_REGION.`);
  const resources: { type: string; id: string }[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: name }))
    for (const { ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? [])
      resources.push({ type: ResourceType, id: PhysicalResourceId });
  const { TemplateBody = '{}' } = await client.send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Processed' }),
  );
  return {
    status: stack.StackStatus ?? '',
    terminationProtection: stack.EnableTerminationProtection ?? false,
    outputs: Object.fromEntries(
      stack.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]) ?? [],
    ),
    ids: (type) => resources.filter((one) => one.type === type).map(({ id }) => id),
    certificate: certificateOf(JSON.parse(TemplateBody) as Template),
  };
}

function certificateOf({ Resources = {} }: Template): string | undefined {
  const distribution = Object.values(Resources).find(({ Type }) => Type === 'AWS::CloudFront::Distribution');
  const arn = distribution?.Properties?.DistributionConfig?.ViewerCertificate?.AcmCertificateArn;
  return typeof arn === 'string' ? arn : undefined;
}
