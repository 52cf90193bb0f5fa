import { formatIpv4, type Ipv4 } from '../ipv4.ts';

/** Where machines reach an http server. */
export interface HttpServer {
  readonly address: Ipv4;
  readonly port: number;
}

const HTTP_PORT = 80;

/** "10.0.0.1", or "10.0.0.1:8080" where the port is not HTTP's own. */
export function authority(server: HttpServer): string {
  return `${formatIpv4(server.address)}${server.port === HTTP_PORT ? '' : `:${server.port}`}`;
}

/**
 * The absolute URL of a file. Everything that iPXE would read as something else (`$`, `{`, `#`, `%`, `?`, spaces) is
 * percent-encoded; slashes part folders.
 */
export function fileUrl(server: HttpServer, name: string): string {
  return `http://${authority(server)}/${encodePath(name)}`;
}

export function tftpUrl(server: Ipv4, name: string): string {
  return `tftp://${formatIpv4(server)}/${encodePath(name)}`;
}

/**
 * A file beside the script that names it: iPXE resolves it against the script's own URL, be that HTTP or TFTP. A hyphen in front would
 * make it an option of the command.
 */
export function besideScript(name: string): string {
  return encodePath(name).replace(/^-/, '%2D');
}

function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/**
 * A name for a downloaded image that can also stand in a kernel's `initrd=`: the file's own name, with `_` for
 * whatever has a meaning to iPXE or to the kernel; numbered where it is `taken`.
 */
export function imageName(file: string, taken: readonly string[] = []): string {
  const plain = file
    .slice(file.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^-/, '_');
  if (!taken.includes(plain)) return plain;
  for (let count = 2; ; count++) {
    const numbered = `${count}-${plain}`;
    if (!taken.includes(numbered)) return numbered;
  }
}
