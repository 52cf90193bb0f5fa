import type { BootChain, FileLink, Link } from '../../boot/chain.ts';
import { sizeText } from '../../journal/size.ts';
import type { ReportLine, Section } from '../report.ts';

/** A whole boot, a section a step. */
export function sectionsOf({ links }: BootChain, withBytes: boolean): Section[] {
  return links.map((link, index) => {
    const number = index + 1;
    return link.kind === 'file'
      ? { title: `${number}. ${STAGES[link.stage]} ${link.name}`, lines: fileLines(link) }
      : {
          title: `${number}. ${link.message} → ${link.answer ?? 'no answer'}: ${link.who}${link.port === 67 ? '' : `, on port ${link.port}`}`,
          lines: exchangeLines(link, withBytes),
        };
  });
}

/** What comes of it, in one line. */
export function verdictLine({ state, verdict, remedy }: BootChain): ReportLine {
  return { state, what: 'verdict', detail: verdict, ...(remedy === undefined ? {} : { remedy }) };
}

/** "OFFER 10.0.0.10 → snponly.efi → infrakit.ipxe → vmlinuz → initrd.img", or where it would stop. */
export function inShort(name: string, { state, verdict, remedy, links }: BootChain): ReportLine {
  const address = / yiaddr ([0-9.]+)/.exec(replyOf(links)?.[0] ?? '')?.[1];
  const files = links.flatMap((link) => (link.kind === 'file' ? [link.name] : []));
  const way = [...(address ? [address] : []), ...files].join(' → ');
  const detail = state === 'ok' && files.length > 0 ? way : [way, verdict].filter(Boolean).join(': ');
  return { state, what: name, detail, ...(remedy === undefined ? {} : { remedy }) };
}

const STAGES: Record<FileLink['stage'], string> = {
  loader: 'Loader',
  script: 'Script',
  kernel: 'Kernel',
  initrd: 'Initrd',
};

function replyOf(links: readonly Link[]): readonly string[] | undefined {
  return links.find((link) => link.kind === 'exchange')?.reply;
}

function exchangeLines(link: Exclude<Link, FileLink>, withBytes: boolean): ReportLine[] {
  const { request, requestBytes, reply, bytes, destination, because, state } = link;
  const [asked = '', ...options] = request;
  const [answered = 'none', ...told] = reply ?? [];
  const inHex = (hex: string) => (withBytes ? dump(hex) : []);
  return [
    { state: 'note', what: 'request', detail: asked, more: [...options, ...inHex(requestBytes)] },
    {
      state,
      what: 'answer',
      detail: destination === undefined ? answered : `${answered}, to ${destination}`,
      more: [...told, ...inHex(bytes ?? '')],
    },
    ...because.map(reason),
  ];
}

function fileLines({ state, what, size, url, because, remedy, text }: FileLink): ReportLine[] {
  const facts = [what, size === undefined ? undefined : sizeText(size), url].filter(Boolean).join(', ');
  return [
    { state, what: 'file', detail: facts, ...(remedy === undefined ? {} : { remedy }) },
    ...because.map(reason),
    ...(text === undefined
      ? []
      : [
          {
            state: 'note',
            what: 'text',
            detail: 'As the machine gets it:',
            more: text.trimEnd().split('\n'),
          } as const,
        ]),
  ];
}

const reason = (detail: string): ReportLine => ({ state: 'note', what: 'because', detail });

const BYTES_A_ROW = 16;

/** "0000  01 01 06 00 …" */
function dump(hex: string): string[] {
  const octets = hex.match(/../g) ?? [];
  return Array.from({ length: Math.ceil(octets.length / BYTES_A_ROW) }, (_, row) => {
    const at = row * BYTES_A_ROW;
    return `${at.toString(16).padStart(4, '0')}  ${octets.slice(at, at + BYTES_A_ROW).join(' ')}`;
  });
}
