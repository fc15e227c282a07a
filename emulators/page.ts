import type { Emulators } from './all.ts';

/** The phone, where there is one: which server it calls into, and its control port. */
export interface PhoneAddress {
  readonly livekitUrl: string;
  readonly control: string;
}

/** The front before a LiveKit, where there is one: its own address and the server behind it. */
export interface LivekitAddress {
  readonly url: string;
  readonly control: string;
  readonly sipPort: number;
  readonly livekitUrl: string;
}

/** What was started beside the vendors. */
export interface Besides {
  readonly phone?: PhoneAddress;
  readonly livekit?: LivekitAddress;
}

const row = (name: string, address: string, control: string) =>
  `  ${name.padEnd(10)}${address.padEnd(40)}${control}`.trimEnd();

/** What a person who started the emulators needs to know. */
export function pageOf({ deepgram, openai, groq, cartesia, env }: Emulators, { phone, livekit }: Besides): string {
  const all = { ...env, ...(livekit && { LIVEKIT_URL: livekit.url }) };
  return [
    'Emulated vendors on 127.0.0.1, ready.',
    '',
    row('', 'address', 'control'),
    row('Deepgram', `${deepgram.httpUrl} (and ws)`, deepgram.controlUrl),
    row('OpenAI', openai.url, openai.controlUrl),
    row('Groq', groq.groqUrl, groq.controlUrl),
    row('Cartesia', `${cartesia.url} (and wss)`, cartesia.controlUrl),
    phone ? row('Phone', `calls into ${phone.livekitUrl}`, phone.control) : row('Phone', 'off: start with --phone', ''),
    ...(livekit
      ? [
          row('LiveKit', `${livekit.url} before ${livekit.livekitUrl}`, livekit.control),
          row('SIP', `udp 127.0.0.1:${livekit.sipPort}`, ''),
        ]
      : [row('LiveKit', 'off: start with --livekit', '')]),
    '',
    `CA of Cartesia's certificate: ${cartesia.caFile}`,
    '',
    'Send a program to them (NODE_EXTRA_CA_CERTS: for one that does not read CARTESIA_CA_FILE):',
    '',
    ...Object.entries(all).map(([name, value]) => `export ${name}=${value}`),
    `export NODE_EXTRA_CA_CERTS=${cartesia.caFile}`,
    '',
    'Make one fail, look at what it saw, make it well again:',
    '',
    `curl ${openai.controlUrl}/faults -d '{"kind":"stall","after":3,"times":1}'`,
    `curl ${openai.controlUrl}/journal`,
    `curl -X DELETE ${openai.controlUrl}/faults`,
    ...(phone ? ['', 'Phone in:', '', `curl ${phone.control}/dial -d '{"room":"voice-ai-call-1"}'`] : []),
    '',
    'What else there is: npm run emulators -- --help. Ctrl-C ends them.',
  ].join('\n');
}

export const help = `Emulated Deepgram, OpenAI, Groq and Cartesia on 127.0.0.1, on the vendors' own wire. No key, no account, no network.

  npm run emulators [-- options]

  --phone    also a phone that calls into LiveKit as livekit-sip does; LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET say where
  --livekit  also a SIP gateway, a recorder and an ingress: an address before that LiveKit which answers calls out, transfers, egress
             and ingress and passes on the rest; --webhook URL (repeated) says where their signed webhooks go
  --json     print one line of JSON instead: { env, control }
  --help     this

At each vendor's control address, JSON in and out:
  /settings  GET, POST       delays and limits, such as {"firstTokenMs":1500,"jitterMs":200,"seed":7}
  /faults    GET, POST, DELETE
             {"kind":"refuse"}                              does not listen
             {"kind":"hang","at":"connect"}                 silence; also "handshake", "first" (result)
             {"kind":"slow","at":"connect","delayMs":500}   accepts late; without "at" each result is late
             {"kind":"reset","after":2}                     TCP RST; also "at": "connect", "handshake"
             {"kind":"close","after":2,"code":1011}         an end in order
             {"kind":"status","status":429,"headers":{"retry-after":"2"}}
             {"kind":"garbage","after":2}, {"kind":"stall","after":2}, {"kind":"drop"}
             {"kind":"error","after":2}                     in the vendor's words (OpenAI, Groq, Cartesia)
             each with "times", "connection", "path", "scenario" (header x-emulator-scenario)
  /strike    POST, Deepgram and Cartesia, at sockets that are open: {"kind":"close","code":1012,"inMs":2000}
             also stall, deaf (reads nothing more), garbage, error, reset
  /journal   GET (?since=&type=), DELETE                    what happened, with times
  /script    GET, POST, DELETE
             OpenAI, Groq: what the model says: [{"user":"price","text":"Eighty-nine euros."}]
             Deepgram: words of sounds that are no tones: {"sounds":[{"words":[{"text":"hello","startMs":0,"endMs":300}]}]}
At the phone's:
  /dial      POST {"room":"…"}, also "from", "to", "refuse", "attributes", "headers", "ringTimeoutMs", "maxCallMs", …
  /say /keys /hush /hang_up   POST {"text":"…"}, {"keys":"12#"}; "call" says which, else the newest
  /calls /journal             GET
At LiveKit's, beside /settings, /faults and /journal:
  /settings  POST {"callees":{"+15550101":{"does":"refuse","status":486}},"transfers":{…},"recordings":{"room":{"does":"fail"}},"pulls":{…}}
             a callee "does" answer, refuse, ring, nothing, no_tcp; also "afterMs", "hangUpAfterMs", "callee" for every other number
  /calls     GET; /calls/answer /ring /refuse /hang_up /say /keys POST, "call" says which, else the newest
  /egress/break     POST {"egress":"EG_…","how":"fail"}, also "limit", "stream" with "url"
  /ingress/connect  POST {"key":"…"} a streamer comes; /ingress/stop {"ingress":"IN_…"} he goes, with "error" he breaks`;
