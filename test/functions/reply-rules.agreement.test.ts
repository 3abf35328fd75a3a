import { expectAgreement } from './reply-rules.agreement.ts';

it('tries rules as the webhook applies them, and calls no rule unreachable that answers', () => expectAgreement(300));
