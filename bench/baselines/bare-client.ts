import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

const { DYNAMODB_ENDPOINT: endpoint = '', INTERACTIONS_TABLE: TableName } = process.env;

const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }),
);

/** The least of any Lambda that writes to DynamoDB: the document client, Put and Get. */
export const handler = (Item: Record<string, unknown>) =>
  client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(openid)' }));

export const read = (Key: Record<string, unknown>) => client.send(new GetCommand({ TableName, Key }));
