import { RIGHTS } from '../access.ts';
import { chosen, holds } from './conditions.ts';
import { functionsOf, type Packaged, resourcesOf, type Table } from './packaged.ts';
import { problemsIn } from './problems.ts';
import { grantedBy, grantedIn } from './rights.ts';

export const EVERY_OPTION = {
  keyChange: 'yes',
  sessionSecretVersion: '01234567-89ab-cdef-0123-456789abcdef',
  sessionSecretChange: 'yes',
  recoveryKeyVersion: '01234567-89ab-cdef-0123-456789abcdef',
  pseudonymKeyChange: 'yes',
  loginConcurrency: '5',
  operatorsConcurrency: '6',
  slowConcurrency: '70',
  egress: 'subnets',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  securityGroupIds: 'sg-0123456789abcdef0',
  httpsProxy: 'http://proxy.example.com:3128',
  warmWrites: '20000',
  domainName: 'wx.example.com',
  certificateArn: 'arn:aws:acm:ap-southeast-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
  alarmEmail: 'operator@example.com',
};

/** What is true of the production stack that was packaged with every option. */
export function describeEveryOption(prod: () => Packaged): void {
  const functions = () => Object.entries(functionsOf(prod().template, 'prod'));

  describe('the production stack with every option', () => {
    it('is what CloudFormation takes, by its published schemas', () => {
      expect(problemsIn(prod().templateFile)).toEqual([]);
    });

    it('keeps what cannot be made again, and does not let it be deleted', () => {
      const tables = Object.entries(resourcesOf<Table>(prod().template, 'AWS::DynamoDB::Table'));
      const kept = [
        'AuditTable',
        'ErasuresTable',
        'InsightsTable',
        'InteractionsTable',
        'OperatorsTable',
        'ReplyRulesTable',
      ];
      const keeping = tables.filter(([, table]) => {
        const { DeletionProtectionEnabled, PointInTimeRecoverySpecification: recovery } = table.Properties;
        return (
          DeletionProtectionEnabled === true &&
          recovery?.PointInTimeRecoveryEnabled === true &&
          table.DeletionPolicy === 'RetainExceptOnCreate' &&
          table.UpdateReplacePolicy === 'Retain'
        );
      });
      expect(keeping.map(([id]) => id).sort()).toEqual(kept);
      for (const [, { Properties }] of tables) {
        expect(Properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST', SSESpecification: { SSEEnabled: true } });
      }
    });

    it('lets functions do what they may without options, and access-token have its network interface', () => {
      const expected = grantedBy('prod');
      const policy =
        '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]]}';
      const inSubnets = { ...expected['access-token'], [policy]: 'whatever it says' };
      expect(grantedIn(prod().template, 'prod')).toEqual({ ...expected, 'access-token': inSubnets });
    });

    it('names no partition, account or region', () => {
      const withoutCertificate = JSON.stringify(prod().template).replaceAll(EVERY_OPTION.certificateArn, '');
      expect(withoutCertificate).not.toMatch(/arn:aws|\d{12}[:"]|ap-southeast-1/);
      const hosts = withoutCertificate.match(/[\w.-]+\.amazonaws\.com[\w.]*/g);
      expect([...new Set(hosts)].sort()).toEqual([
        'apigateway.amazonaws.com',
        'events.amazonaws.com',
        'lambda.amazonaws.com',
      ]);
    });
  });

  describe('the secrets', () => {
    const OFFICE = Object.keys(RIGHTS)
      .filter((name) => RIGHTS[name]?.OperatorsTable)
      .sort();

    it.each([
      ['WECHAT_APP_SECRET', ['access-token']],
      ['WECHAT_TOKEN', ['webhook']],
      ['WECHAT_ENCODING_AES_KEY', ['webhook']],
      ['WECHAT_PREVIOUS_ENCODING_AES_KEY', ['webhook']],
      ['RECOVERY_KEY', ['webhook']],
      ['PSEUDONYM_KEY', ['insights', 'rollup', 'webhook']],
      ['PREVIOUS_PSEUDONYM_KEY', ['rollup']],
      ['SESSION_SECRET', OFFICE],
      ['PREVIOUS_SESSION_SECRET', OFFICE],
    ])('reach the functions that need them, by reference alone: %s', (variable, bearers) => {
      const given = functions().flatMap(([name, { Environment }]) =>
        variable in Environment.Variables ? [{ name, value: JSON.stringify(Environment.Variables[variable]) }] : [],
      );
      expect(given.map(({ name }) => name).sort()).toEqual(bearers);
      for (const { value } of given)
        expect(value).toMatch(/^(\{"Fn::Sub":)?"\{\{resolve:secretsmanager:[^"]+\}\}"\}?$/);
    });

    it('are made by the stack, where nobody else must know them', () => {
      const secrets = resourcesOf(prod().template, 'AWS::SecretsManager::Secret');
      expect(Object.keys(secrets).sort()).toEqual(['PseudonymKey', 'RecoveryKey', 'SessionSecret']);
      for (const { Properties } of Object.values(secrets)) {
        expect(Properties).toMatchObject({ GenerateSecretString: { PasswordLength: 64 } });
      }
    });
  });

  describe("the functions' variables", () => {
    it("are encrypted with the key of the stack, every one's", () => {
      const keys = functions().map(([, { KmsKeyArn }]) => chosen(prod().template, KmsKeyArn));
      expect(new Set(keys.map((key) => JSON.stringify(key)))).toEqual(
        new Set(['{"Fn::GetAtt":["EnvironmentKey","Arn"]}']),
      );
    });

    it('are decrypted for whom IAM lets, and for the functions of this stage, with a key that is changed every year', () => {
      const { EnvironmentKey: key } = resourcesOf<{
        KeyPolicy: { Statement: { Principal: unknown; Action: unknown; Condition?: unknown }[] };
      }>(prod().template, 'AWS::KMS::Key');
      expect(key?.Properties).toMatchObject({ EnableKeyRotation: true });
      expect(key?.Properties.KeyPolicy.Statement).toMatchObject([
        { Principal: { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` } }, Action: 'kms:*' },
        {
          Principal: { AWS: '*' },
          Action: 'kms:Decrypt',
          Condition: {
            StringEquals: { 'kms:CallerAccount': { Ref: 'AWS::AccountId' } },
            ArnLike: {
              'aws:PrincipalArn': {
                'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/wechat-server-prod-*`,
              },
            },
          },
        },
      ]);
    });

    it('are read by functions whose roles have the names that the key lets in', () => {
      const roles = resourcesOf<{ RoleName: { 'Fn::Join': [string, unknown[]] } }>(prod().template, 'AWS::IAM::Role');
      const names = Object.values(roles).map(({ Properties: { RoleName } }) => RoleName['Fn::Join'][1].join('-'));
      expect(names).toHaveLength(functions().length);
      expect(names.filter((name) => !name.startsWith('wechat-server-prod-'))).toEqual([]);
    });
  });

  describe('an option', () => {
    it('makes what it says', () => {
      const made = Object.entries(prod().template.Resources).filter(
        ([, { Condition }]) => Condition && holds(prod().template, Condition),
      );
      expect(made.map(([id]) => id).sort()).toEqual(['AlarmEmail', 'Domain', 'DomainMapping', 'EnvironmentKey']);
      expect(chosen(prod().template, prod().template.Outputs.WebhookUrl?.Value)).toBe('https://wx.example.com/webhook');
    });

    it('puts access-token alone into subnets, and sends it alone through a proxy', () => {
      const inSubnets = functions().filter(([, { VpcConfig }]) => VpcConfig);
      expect(inSubnets.map(([name, { VpcConfig }]) => [name, VpcConfig])).toEqual([
        [
          'access-token',
          {
            SubnetIds: { 'Fn::Split': [',', EVERY_OPTION.subnetIds] },
            SecurityGroupIds: { 'Fn::Split': [',', EVERY_OPTION.securityGroupIds] },
          },
        ],
      ]);
      const throughProxy = functions().filter(
        ([, { Environment }]) => Environment.Variables.HTTPS_PROXY === EVERY_OPTION.httpsProxy,
      );
      expect(throughProxy.map(([name]) => name)).toEqual(['access-token']);
    });

    it('limits how many of the functions that strangers can keep busy run at once, and of no other', () => {
      const limited = functions().flatMap(([name, { ReservedConcurrentExecutions: most }]) =>
        most === undefined ? [] : [[name, chosen(prod().template, most)]],
      );
      expect(Object.fromEntries(limited)).toEqual({ login: '5', operators: '6', 'slow-replies': '70' });
    });

    it('reads the version of a secret that it names, and its predecessor', () => {
      const { login, webhook } = Object.fromEntries(functions());
      const version = EVERY_OPTION.sessionSecretVersion;
      expect(login?.Environment.Variables).toMatchObject({
        SESSION_SECRET: { 'Fn::Sub': `{{resolve:secretsmanager:\${SessionSecret}:SecretString:::${version}}}` },
        PREVIOUS_SESSION_SECRET: {
          'Fn::Sub': `{{resolve:secretsmanager:\${SessionSecret}:SecretString::AWSPREVIOUS}}`,
        },
      });
      expect(webhook?.Environment.Variables).toMatchObject({
        RECOVERY_KEY: { 'Fn::Sub': `{{resolve:secretsmanager:\${RecoveryKey}:SecretString:::${version}}}` },
      });
    });

    it('warms the interactions and their index', () => {
      const warm = { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: '20000' };
      const { InteractionsTable: table } = resourcesOf<Table>(prod().template, 'AWS::DynamoDB::Table');
      expect(chosen(prod().template, table?.Properties.WarmThroughput)).toEqual(warm);
      expect(chosen(prod().template, table?.Properties.GlobalSecondaryIndexes?.[0]?.WarmThroughput)).toEqual(warm);
    });
  });
}
