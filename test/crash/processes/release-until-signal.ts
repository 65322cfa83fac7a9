// Releases what the cloud of the environment has, until a signal comes. Arguments: folder of the store, the spec as JSON.
import { BlueGreen, FileStore, parseSpec, suspendOnSignals } from '../../../src/index.js';

const [folder = '', spec = ''] = process.argv.slice(2);
const blueGreen = new BlueGreen({
  store: new FileStore(folder),
  polling: { every: '200ms', urgent: '100ms' },
  onEvent: ({ name, data }) => {
    if (name === 'step:run:started') console.log('step' in data ? data.step : '');
  },
});
suspendOnSignals(blueGreen, { onSuspended: (ids, signal) => console.log(`${signal} suspended ${ids.join(', ')}`) });
const rollout = await blueGreen.start(parseSpec(JSON.parse(spec)), { id: 'tale' });
const { outcome } = await rollout.result();
// No word about the end of the process: it ends because nothing is left to do.
console.log(`outcome ${outcome}`);
