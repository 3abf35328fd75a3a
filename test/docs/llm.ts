import { afterRules, type Handlers, slow } from '../../lib/replies/handlers.ts';

export const replies: Handlers = {
  text: afterRules(
    slow(async ({ content }) => {
      const response = await fetch('https://llm.example.com/v1/answers', {
        method: 'POST',
        headers: { Authorization: `Bearer ${process.env.LLM_KEY}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ question: content }),
        signal: AbortSignal.timeout(40_000),
      });
      if (!response.ok) return '抱歉，现在回答不了，请稍后再问。';
      const { answer } = (await response.json()) as { answer: string };
      return answer;
    }),
  ),
};
