import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../lib/aws/dynamodb.ts';
import { readConfig } from '../../lib/platform/config.ts';
import { type Handlers, slow } from '../../lib/replies/handlers.ts';

const db = documentClient(readConfig(['DYNAMODB_ENDPOINT']));
const { BOOKINGS_TABLE: TableName } = process.env;

export const replies: Handlers = {
  text: slow(async ({ from: openid, content }) => {
    const { Item } = await db.send(new GetCommand({ TableName, Key: { openid }, ConsistentRead: true }));
    if (content === '订位') {
      await db.send(new PutCommand({ TableName, Item: { openid } }));
      return '请问几位？';
    }
    if (Item === undefined) return undefined;
    if (Item.guests === undefined) {
      await db.send(new PutCommand({ TableName, Item: { openid, guests: content } }));
      return '请问几点到？';
    }
    await db.send(new DeleteCommand({ TableName, Key: { openid } }));
    return `已为您预订：${Item.guests} 位，${content} 到。`;
  }),
};
