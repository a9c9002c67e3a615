import * as z from 'zod';
import type { Resource } from '../contract.ts';
import type { LambdaFunction } from '../lambda/environment.ts';
import type { Assembly } from './assembly.ts';

const FunctionProps = z.object({
  Role: z.string(),
  Handler: z.string(),
  Runtime: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
});

const AsyncProps = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.number().optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({}),
});

/**
 * The functions of the product: those in Node whose code is an asset. Others (helpers the CDK adds for its own work at
 * deploy time) have nothing to do here. `override` replaces variables that hold an address only AWS knows.
 * @throws Error naming function and property when one cannot be run
 */
export function functionsOf(
  { resources, asset }: Assembly,
  override: Readonly<Record<string, string>>,
): LambdaFunction[] {
  const settings = asyncSettings(resources);
  const roles = new Map(resources.filter(({ type }) => type === 'AWS::IAM::Role').map(({ arn, id }) => [arn, id]));
  return resources.filter(isProduct).map(({ id, name, arn, props }) => {
    const parsed = FunctionProps.safeParse(props);
    if (!parsed.success) throw new Error(`Function ${id} cannot be run: ${z.prettifyError(parsed.error)}`);
    const { Role, Handler, Code, Timeout, MemorySize, Environment } = parsed.data;
    const role = roles.get(Role);
    if (role === undefined) throw new Error(`Function ${id} cannot be run: its Role ${Role} is not in the template.`);
    const own = Environment.Variables;
    const env = { ...own, ...Object.fromEntries(Object.entries(override).filter(([key]) => Object.hasOwn(own, key))) };
    const fn: LambdaFunction = {
      id,
      name,
      arn,
      role,
      dir: asset(Code.S3Key),
      handler: Handler,
      timeout: Timeout,
      memory: MemorySize,
      env,
    };
    const async = settings.get(name);
    if (async) fn.async = async;
    return fn;
  });
}

const isProduct = ({ type, props }: Resource): boolean =>
  type === 'AWS::Lambda::Function' &&
  String(props['Runtime']).startsWith('nodejs') &&
  Object.hasOwn(Object(props['Code']), 'S3Key');

function asyncSettings(resources: readonly Resource[]): Map<string, NonNullable<LambdaFunction['async']>> {
  return new Map(
    resources
      .filter(({ type }) => type === 'AWS::Lambda::EventInvokeConfig')
      .map(({ id, props }) => {
        const parsed = AsyncProps.safeParse(props);
        if (!parsed.success) throw new Error(`${id} cannot be run: ${z.prettifyError(parsed.error)}`);
        const { FunctionName, MaximumRetryAttempts: retries, DestinationConfig } = parsed.data;
        const onFailure = DestinationConfig.OnFailure?.Destination;
        return [
          FunctionName.split(':').at(-1) ?? FunctionName,
          { ...(retries === undefined ? {} : { retries }), ...(onFailure === undefined ? {} : { onFailure }) },
        ] as const;
      }),
  );
}
