import { afterEach, describe, expect, it } from 'vitest';
import { BlueGreenError, ERROR_CODES, errorCatalogue, formatError, type ErrorCode } from '../../src/index.js';
import { closeClouds } from '../helpers/release.js';
import { PROVOKED } from './provoked/registry.js';

afterEach(closeClouds);

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('every error code', () => {
  it('has a story that provokes it, and nothing else has', () => {
    expect(Object.keys(PROVOKED).sort()).toEqual([...CODES].sort());
  });

  it.each(CODES)('%s', async (code) => {
    const { sends, says, provoke } = PROVOKED[code];
    const { blame, hint, facts, endings, told, url } = (await errorCatalogue())[code];
    const { error, outcome, sent, takenBackFor } = await provoke();

    expect(error).toMatchObject({ code, blame, hint });
    if (says !== undefined) expect(error.message).toMatch(says);
    expect(Object.keys((error.details ?? {}) as object)).toEqual(expect.arrayContaining(Object.keys(facts)));

    expect(endings.some((ending) => (outcome === undefined ? isOfCall(ending) : ending === outcome))).toBe(true);
    expect(outcome).not.toBe('succeeded');
    if (sends === 'nothing' || outcome === 'refused') expect(sent).toEqual([]);
    else expect(sent).not.toEqual([]);
    // The result keeps why the release was taken back; nothing else is told by an event alone.
    expect(takenBackFor !== undefined && takenBackFor !== code).toBe(told === 'way-back');

    expect(JSON.parse(JSON.stringify(error))).toStrictEqual(error);
    expect(new BlueGreenError(error.code, error.message, error).toJSON()).toStrictEqual(error);
    const text = formatError(error, { colour: false });
    for (const shown of [code, hint, url]) expect(text).toContain(shown);
  });
});

const isOfCall = (ending: string): boolean => ending === 'usage' || ending === 'error';
