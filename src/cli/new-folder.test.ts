import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import { inFolder } from './cli.fixture.js';
import { requireUnused } from './new-folder.js';

it('accepts a folder that is not there, an empty one, and one with other things', async () => {
  await inFolder(async (folder) => {
    await expect(requireUnused(path.join(folder, 'none'))).resolves.toBeUndefined();
    await expect(requireUnused(folder)).resolves.toBeUndefined();
    await writeFile(path.join(folder, 'notes.txt'), '');
    await expect(requireUnused(folder)).resolves.toBeUndefined();
  });
});

it.each(['comparison.json', 'manifest.json', 'result.json'])('refuses one that holds %s', async (file) => {
  await inFolder(async (folder) => {
    await writeFile(path.join(folder, file), '');
    const refusal = requireUnused(folder);
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.toThrow(`got ${folder}, which holds ${file} of an earlier comparison or run;`);
  });
});

it('refuses one that holds the runs of a comparison that was killed', async () => {
  await inFolder(async (folder) => {
    await mkdir(path.join(folder, 'runs'));
    await expect(requireUnused(folder)).rejects.toThrow(`got ${folder}, which holds runs of an earlier`);
  });
});
