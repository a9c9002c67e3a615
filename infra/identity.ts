import { Aws, CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  CfnUserPoolUser,
  FeaturePlan,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { type Context, NOBODY } from './context.ts';
import type { Site } from './site.ts';

/** Where tokens come from; `adminEmail` becomes admin at his first sign-in. */
export type SignIn = { issuer: string; clientId: string; adminEmail: string };

/** Sign-in by the issuer of the context, else by an own user pool. */
export function signIn(scope: Construct, { issuer, clientId, adminEmail, stage }: Context, site: Site): SignIn {
  if (issuer !== undefined && clientId !== undefined) return { issuer, clientId, adminEmail };
  const pool = userPool(scope);
  const client = browserClient(scope, pool, site.baseUrl);
  const domain = new UserPoolDomain(scope, 'SignInDomain', {
    userPool: pool,
    // Unique among all accounts of a region, and the same at every deployment.
    cognitoDomain: { domainPrefix: `sdelka-${stage}-${Aws.ACCOUNT_ID}` },
  });
  if (adminEmail !== NOBODY) inviteAdmin(scope, pool, adminEmail);
  new CfnOutput(scope, 'Issuer', { value: pool.userPoolProviderUrl, description: 'Issuer of sign-in tokens' });
  new CfnOutput(scope, 'ClientId', { value: client.userPoolClientId, description: 'Client id of the console' });
  new CfnOutput(scope, 'SignInPage', { value: `https://${domain.domainName}.auth.${Aws.REGION}.amazoncognito.com` });
  return { issuer: pool.userPoolProviderUrl, clientId: client.userPoolClientId, adminEmail };
}

function userPool(scope: Construct): UserPool {
  const pool = new UserPool(scope, 'Users', {
    featurePlan: FeaturePlan.ESSENTIALS,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(7),
    },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(pool).acknowledge(
    {
      id: 'AwsSolutions-COG2',
      reason: 'Offered, not forced: a firm of five decides itself, in the settings of the pool.',
    },
    {
      id: 'AwsSolutions-COG3',
      reason: 'Threat protection needs the Plus plan, paid per user; a firm may switch it on.',
    },
    {
      id: 'AwsSolutions-COG8',
      reason: 'Threat protection needs the Plus plan, paid per user; a firm may switch it on.',
    },
  );
  return pool;
}

/** A public client: code with PKCE, no secret to lose in a browser. */
const browserClient = (scope: Construct, userPool: UserPool, baseUrl: string): UserPoolClient =>
  new UserPoolClient(scope, 'Console', {
    userPool,
    generateSecret: false,
    authFlows: {},
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
      callbackUrls: [`${baseUrl}/`],
      logoutUrls: [`${baseUrl}/`],
    },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(7),
  });

/** Nobody can sign up, so the first person is invited by the deployment: Cognito mails him a password to change. */
function inviteAdmin(scope: Construct, pool: UserPool, email: string): void {
  new CfnUserPoolUser(scope, 'Admin', {
    userPoolId: pool.userPoolId,
    username: email,
    desiredDeliveryMediums: ['EMAIL'],
    userAttributes: [
      { name: 'email', value: email },
      { name: 'email_verified', value: 'true' },
    ],
  }).applyRemovalPolicy(RemovalPolicy.RETAIN);
}
