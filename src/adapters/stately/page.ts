import { createHash } from 'node:crypto';

const stately = 'https://stately.ai';

const script = `
const say = (text) => (document.querySelector('#said').textContent = text);
let inspector, seen = 0, waiting = [];
const socket = new WebSocket('ws://' + location.host);
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  seen += 1;
  say(seen + ' events; the last one: ' + (event.event ? event.event.type : event.name));
  if (inspector === 'connected') target.postMessage(event, '${stately}');
  else { waiting.push(event); waiting = waiting.slice(-2000); }
};
socket.onclose = () => say('The instance has gone. Reload when it is back.');
let target;
document.querySelector('#open').onclick = () => { target = window.open('${stately}/inspect', 'statelyinspector'); };
addEventListener('message', (message) => {
  if (message.origin !== '${stately}' || !message.data || message.data.type !== '@statelyai.connected') return;
  inspector = 'connected';
  for (const event of waiting) target.postMessage(event, '${stately}');
  waiting = [];
});`;

/** The relay's page. It reaches this machine only; Stately's own page is opened when somebody presses the button. */
export const inspectorPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Voicechart inspector</title>
<h1>Stately inspector</h1>
<p>The button opens a page of stately.ai in a new window and shows it the states and event names of the calls on this
machine. Speech, numbers, inputs and results are not among them. Nothing is sent before you press it.</p>
<p><button id="open">Open the inspector at stately.ai</button></p>
<p id="said" role="status">No events yet.</p>
<script>${script}</script></html>`;

export const inspectorPolicy = [
  `default-src 'none'`,
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  `connect-src 'self'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
].join('; ');
