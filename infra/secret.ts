import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** The one secret: all keys that sign, check and encrypt are derived from it, so it must outlive everything. */
export function installationSecret(scope: Construct): Secret {
  const secret = new Secret(scope, 'Secret', {
    description: 'Root of all keys of this installation. If it is lost, secrets of sources and open links are lost.',
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'A turned root would void open links and stored secrets; turning it is work for a person with a plan.',
  });
  return secret;
}
