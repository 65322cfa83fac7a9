import { describe, expect, it } from 'vitest';
import { tellStory } from '../chaos/tell-story.js';
import { readStories } from './known.js';

describe('what chaos has found, and was mended', () => {
  it.each(readStories('mended.json').map(({ seed, what, story }) => [seed, what, story] as const))(
    'seed %i: %s',
    async (_seed, _what, story) => {
      expect((await tellStory(story, 'short')).violations).toEqual([]);
    },
  );
});
