import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { CloudClock } from './clock.ts';
import { type Access, type Faults, type Log, REGION, type Service } from './contract.ts';
import { DEMO_USERS, usersOf } from './demo-users.ts';
import { type Dynamo, startDynamo } from './dynamo/dynamo.ts';
import { type ScheduleService, startEvents, startSchedules } from './events/start.ts';
import { eventsOf } from './events/template.ts';
import { startFiles } from './files/files.ts';
import { apiGateway, type Gateway } from './http/gateway.ts';
import type { Route } from './http/route.ts';
import { routesOf } from './http/template.ts';
import { type Issuer, openIssuer } from './issuer/issuer.ts';
import { randomFrom } from './lambda/rough.ts';
import { type Lambda, startLambda } from './lambda/start.ts';
import { type Mail, startMail } from './mail/mail.ts';
import { startSecrets } from './secrets/secrets.ts';
import { type States, startStates } from './states/start.ts';
import { mappingOf } from './streams/mapping.ts';
import { startStreams, type Streams } from './streams/start.ts';
import type { Assembly } from './template/assembly.ts';
import { functionsOf } from './template/functions.ts';
import { machinesOf } from './template/machines.ts';
import { originHeadersOf, pageHeadersOf } from './template/distribution.ts';
import { withSecrets } from './template/secret-reference.ts';
import { openWorld, together, type World } from './world.ts';

export type InstallationOptions = {
  assembly: Assembly;
  /** Where people reach the cloud: what the template calls BASE_URL. */
  url: string;
  issuerUrl: string;
  /** Folder of everything that is kept. */
  dir: string;
  rough: number | undefined;
  faults: Faults;
  log: Log;
  /** Variables of functions that have another value than the template gives them. */
  environment?: Readonly<Record<string, string>>;
};

/** All services of a template over one data folder. */
export type Installation = {
  services: readonly Service[];
  clock: CloudClock;
  dynamo: Dynamo;
  lambda: Lambda;
  states: States;
  schedules: ScheduleService;
  mail: Mail;
  issuer: Issuer;
  gateway: Gateway;
  /** Headers the distribution adds on its way to the API. */
  originHeaders: Readonly<Record<string, string>>;
  /** Headers it adds to the pages of the console. */
  pageHeaders: Readonly<Record<string, string>>;
  /** AWS_ENDPOINT_URL_… of every service. */
  env: Readonly<Record<string, string>>;
  /** A client of the engine itself, with every right, and the name of the one table. */
  client: DynamoDBClient;
  table: string | undefined;
  /** The id of the console at the issuer. */
  clientId: string | undefined;
  stop(): Promise<void>;
};

/**
 * Starts every service, Java first since it is the slowest; what an earlier run left undone goes on only when all of them
 * listen. When one fails, the others are stopped again.
 */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const routes = routesOf(options.assembly.resources);
  const world = openWorld({ ...options, resources: options.assembly.resources });
  try {
    const starting = world.keepStarting(startTables(world, options.dir));
    const resources = withSecrets(world.resources, await startSecretValues(world));
    const assembly = { ...options.assembly, resources };
    const lambda = await startFunctions({ ...world, resources }, assembly, options);
    const [around, dynamo] = await together([
      startAround({ ...world, resources }, assembly, lambda, options.dir),
      starting,
    ]);
    const streams = startStreaming({ ...world, resources }, dynamo, lambda);
    Object.assign(world.env, endpoint('DYNAMODB', dynamo.url));
    const gateway = openGateway({ ...world, resources }, routes, lambda);
    const rest = await openSignIn({ ...world, resources }, options.issuerUrl, dynamo);
    lambda.resume();
    streams.resume();
    around.states.resume();
    around.schedules.resume();
    const services = [
      dynamo,
      streams,
      lambda,
      around.states,
      around.events,
      around.schedules,
      around.mail,
      around.files,
    ];
    return {
      ...around,
      ...rest,
      gateway,
      services,
      clock: world.clock,
      dynamo,
      lambda,
      env: world.env,
      stop: world.stop,
    };
  } catch (error) {
    await world.stop();
    throw error;
  }
}

const endpoint = (service: string, url: string): Record<string, string> => ({ [`AWS_ENDPOINT_URL_${service}`]: url });

const startTables = ({ rough, ...world }: World, dir: string): Promise<Dynamo> =>
  startDynamo({
    ...world,
    dir: join(dir, 'dynamo'),
    wrote: () => world.late.streams?.wrote(),
    ...(rough ? { rough: { random: randomFrom(rough.seed) } } : {}),
  });

async function startSecretValues(world: World): Promise<(id: string) => string> {
  const secrets = world.keep(await startSecrets(world));
  Object.assign(world.env, endpoint('SECRETS_MANAGER', secrets.url));
  return secrets.value;
}

type Around = Pick<InstallationOptions, 'url' | 'dir' | 'environment'>;

async function startFunctions(world: World, assembly: Assembly, { url, dir, environment }: Around): Promise<Lambda> {
  const functions = functionsOf(assembly, { BASE_URL: url, ADMIN_EMAIL: DEMO_USERS[0].email, ...environment });
  const lambda = world.keep(
    await startLambda({ ...world, functions, env: () => world.env, temporary: join(dir, 'tmp') }),
  );
  Object.assign(world.env, endpoint('LAMBDA', lambda.url));
  world.late.lambda = lambda;
  return lambda;
}

async function startAround(world: World, assembly: Assembly, lambda: Lambda, dir: string) {
  const { invoke, invokeAsync } = lambda;
  const declared = eventsOf(world.resources, world.clock.now());
  const roles = new Map(world.resources.map(({ arn, id }) => [arn, id]));
  const events = world.keep(await startEvents({ ...world, ...declared, invokeAsync }));
  world.late.events = events;
  const roleId = (arn: string): string => roles.get(arn) ?? arn;
  const [schedules, states, mail, files] = await together([
    world.keepStarting(startSchedules({ ...world, ...declared, invokeAsync, roleId })),
    world.keepStarting(startStates({ ...world, machines: machinesOf(assembly), invoke })),
    world.keepStarting(startMail({ ...world, invokeAsync: (fn, payload) => void invokeAsync(fn, payload, 'ses') })),
    world.keepStarting(
      startFiles({ ...world, dir: join(dir, 'files'), publish: (event) => publishFile(world, event) }),
    ),
  ]);
  world.late.files = files;
  Object.assign(world.env, endpoint('EVENTBRIDGE', events.url), endpoint('SCHEDULER', schedules.url));
  Object.assign(world.env, endpoint('SFN', states.url), endpoint('SES', mail.url), endpoint('SESV2', mail.urlV2));
  Object.assign(world.env, endpoint('S3', files.url), endpoint('SQS', files.queueUrl));
  return { events, schedules, states, mail, files };
}

/** S3's events go to the default bus. */
const publishFile = (world: World, event: Record<string, unknown>): void =>
  void world.late.events?.publish({
    bus: 'default',
    source: String(event['source']),
    detailType: String(event['detail-type']),
    detail: event['detail'],
    resources: event['resources'] as string[],
  });

function startStreaming(world: World, dynamo: Dynamo, lambda: Lambda): Streams {
  const mappings = world.resources
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .map((resource) => {
      const source = String(resource.props['EventSourceArn']);
      const stream = dynamo.streams.get(/:table\/([^/]+)\/stream\//.exec(source)?.[1] ?? '');
      if (stream === undefined)
        throw new Error(`${resource.id}: ${source} is not the stream of a table of the template.`);
      return mappingOf(resource, stream);
    });
  const client = new DynamoDBStreamsClient(engine(dynamo));
  const authorize = (fn: string, access: Access): void => world.authorize(lambda.find(fn).role, access);
  const streams = world.keep(startStreams({ ...world, authorize, client, mappings, invoke: lambda.invoke }));
  world.late.streams = streams;
  return streams;
}

const engine = ({ engineUrl }: Dynamo) => ({
  endpoint: engineUrl,
  region: REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

function openGateway({ resources, clock, log }: World, routes: readonly Route[], { invoke }: Lambda): Gateway {
  const apiId = resources.find(({ type }) => type === 'AWS::ApiGatewayV2::Api')?.name ?? 'local';
  return apiGateway({ apiId, routes, clock, invoke, log });
}

async function openSignIn({ resources, db, clock }: World, url: string, dynamo: Dynamo) {
  const nameOf = (wanted: string) => resources.find(({ type }) => type === wanted)?.name;
  const client = new DynamoDBClient(engine(dynamo));
  const table = nameOf('AWS::DynamoDB::GlobalTable');
  const issuer = await openIssuer({ url, resources, db, clock, users: () => usersOf(client, table) });
  const clientId = nameOf('AWS::Cognito::UserPoolClient');
  const added = { originHeaders: originHeadersOf(resources), pageHeaders: pageHeadersOf(resources) };
  return { issuer, client, table, clientId, ...added };
}
